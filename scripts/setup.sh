#!/usr/bin/env bash
# Sets up what the named parts need and nothing twice: setup.sh server|robot|web|test|system|audio ...
# Prints one line per step; what the installers say goes to var/log/setup.log.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${PEIBAN_VENV:-.venv}
log=var/log/setup.log
# A bank's own certificate authority is known to the system, not to what a package brings along.
export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1
mkdir -p var/log

say() { printf '%s\n' "$*" >&2; }
fail() { say "✗ $*"; exit 1; }

find_python() { # prints the path of a Python 3.10; where none is installed, uv fetches one
  local candidate uv=uv
  for candidate in "${PEIBAN_PYTHON:-}" python3.10 python3 {"${PYENV_ROOT:-}","$HOME/.pyenv",/opt/pyenv,/usr/local/pyenv}/versions/3.10*/bin/python3.10 \
    ~root/.pyenv/versions/3.10*/bin/python3.10 /home/*/.pyenv/versions/3.10*/bin/python3.10 /opt/python/3.10*/bin/python3 /usr/local/bin/python3.10; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  if ! command -v uv >/dev/null; then
    # No uv either: any Python 3 can bring it.
    uv=var/uv/bin/uv
    { [ -x "$uv" ] || { python3 -m venv var/uv && var/uv/bin/pip install -q --require-hashes -r requirements/uv.txt; }; } >>"$log" 2>&1 || return 1
  fi
  "$uv" python find 3.10 2>/dev/null && return
  "$uv" python install 3.10 >>"$log" 2>&1 && "$uv" python find 3.10 2>/dev/null
}

make_venv() {
  [ -x "$venv/bin/python" ] && return
  local python
  python=$(find_python) || fail "没有找到 Python 3.10。请先安装（例如 pyenv install 3.10、uv python install 3.10 或系统的 python3.10）,再运行一次。"
  say "· 创建虚拟环境 $venv"
  "$python" -m venv "$venv" >>"$log" 2>&1 || fail "无法创建虚拟环境，详情见 $log(Debian 上可能缺 python3.10-venv)"
}

install_parts() { # requirement files are installed once per content
  local files=() stamp part
  for part in "$@"; do files+=(-r "requirements/$part.txt"); done
  stamp="$venv/.installed-$(cat requirements/uv.txt "${files[@]//-r/\/dev\/null}" | sha256sum | cut -c1-16)"
  [ -e "$stamp" ] && return
  if [ ! -x "$venv/bin/uv" ]; then
    "$venv/bin/python" -m pip install --disable-pip-version-check -q --require-hashes -r requirements/uv.txt >>"$log" 2>&1 ||
      fail "安装程序 uv 没有装上，详情见 $log"
  fi
  say "· 安装依赖: $* (首次约一分钟)"
  "$venv/bin/uv" pip install --python "$venv/bin/python" --require-hashes "${files[@]}" >>"$log" 2>&1 ||
    fail "依赖没有装好，详情见 $log: $(tail -n 1 "$log")"
  touch "$stamp"
}

apt_install() { # what for, then the packages
  local why=$1
  shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "· 安装系统软件包($why): $*"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >>"$log" 2>&1 ||
      fail "系统软件包没有装上，请手动安装: $*(详情见 $log)"
  elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
    say "· 安装系统软件包($why): $*"
    { sudo -n apt-get update && sudo -n apt-get install -y --no-install-recommends "$@"; } >>"$log" 2>&1 ||
      fail "系统软件包没有装上，请手动安装: $*(详情见 $log)"
  else
    fail "$why 需要这些系统软件包，请安装后再试: $*"
  fi
}

parts=()
for part in "$@"; do
  case "$part" in
    system)
      command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        apt_install "网页测试" chromium
      fc-list :lang=zh 2>/dev/null | grep -q . || apt_install "中文字体" fontconfig fonts-noto-cjk
      ;;
    audio) ldconfig -p 2>/dev/null | grep -q libportaudio.so.2 || apt_install "麦克风和喇叭" libportaudio2 ;;
    *) parts+=("$part") ;;
  esac
done
make_venv
[ ${#parts[@]} = 0 ] || install_parts "${parts[@]}"
