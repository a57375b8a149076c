"""Sound as the robot handles it: 16 kHz, mono, 16 bit, in frames of 32 ms; WAV files in and out."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 16_000
FRAME = 512
FRAME_SECONDS = FRAME / RATE
LONGEST_SECONDS = 120
"""A longer recording is no spoken question."""

Samples = npt.NDArray[np.int16]
SILENCE: Samples = np.zeros(FRAME, dtype=np.int16)


class AudioError(Exception):
    """Sound that can't be used; the message is one line in Chinese."""


def read_wav(path: Path) -> Samples:
    """A WAV file (PCM of 8 to 32 bit, any channels, 4 to 192 kHz) as samples of the robot's kind. Raises AudioError."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            if not 4000 <= rate <= 192_000:
                raise AudioError(f"{path.name} 的采样率是 {rate} Hz，应在 4000 到 192000 之间")
            if file.getnframes() > rate * LONGEST_SECONDS:
                raise AudioError(f"{path.name} 超过 {LONGEST_SECONDS} 秒，请截短后再试")
            content = file.readframes(file.getnframes())
    except FileNotFoundError:
        raise AudioError(f"找不到文件 {path}") from None
    except IsADirectoryError:
        raise AudioError(f"{path} 是文件夹，不是 WAV 文件") from None
    except PermissionError:
        raise AudioError(f"没有权限读取 {path}") from None
    except EOFError:
        raise AudioError(f"{path.name} 是空文件或不完整") from None
    except wave.Error as error:
        kind = "是压缩或浮点格式，请转成 PCM" if "unknown format" in str(error) else "不是 WAV 文件"
        raise AudioError(f"{path.name} {kind}") from None
    whole = len(content) - len(content) % (width * channels)
    if not whole:
        raise AudioError(f"{path.name} 里没有声音数据")
    mono = _decoded(content[:whole], width).reshape(-1, channels).mean(axis=1)
    return to_samples(resample(mono, rate, RATE))


def write_wav(path: Path, samples: Samples) -> None:
    """Raises AudioError when the file can't be written."""
    try:
        with path.open("wb") as out, wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise AudioError(f"写不了 {path}:{_reason(error)}") from None


def resample(signal: npt.NDArray[np.float64], source: int, target: int) -> npt.NDArray[np.float64]:
    """The same sound at another rate, band-limited (by the spectrum, with margins against wrap-around)."""
    if source == target or not len(signal):
        return signal
    # Margins and lengths that are whole numbers of samples at both rates: nothing is shifted by a fraction.
    step = source // np.gcd(source, target)
    margin = -(-source // (20 * step)) * step
    length = _smooth(-(-(len(signal) + 2 * margin) // step)) * step
    padded = np.zeros(length)
    padded[margin : margin + len(signal)] = signal
    spectrum = np.fft.rfft(padded)
    size = length * target // source
    bins = size // 2 + 1
    fitted = np.zeros(bins, dtype=complex)
    shared = min(bins, len(spectrum))
    fitted[:shared] = spectrum[:shared]
    out = np.fft.irfft(fitted, size) * (target / source)
    start = margin * target // source
    return out[start : start + len(signal) * target // source]


def _smooth(least: int) -> int:
    """The next number without prime factors above seven: a Fourier transform of such a length is many times faster."""
    found = least
    while True:
        rest = found
        for prime in (2, 3, 5, 7):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return found
        found += 1


def to_samples(signal: npt.NDArray[np.float64]) -> Samples:
    """Float samples of the 16-bit range, limited to it."""
    return np.clip(np.rint(signal), -32768, 32767).astype(np.int16)


def frames(samples: Samples) -> Iterator[Samples]:
    """Frames in order; the last is filled up with silence."""
    for at in range(0, len(samples), FRAME):
        part = samples[at : at + FRAME]
        yield part if len(part) == FRAME else np.concatenate([part, SILENCE[: FRAME - len(part)]])


def level_db(samples: Samples) -> float:
    """Loudness (RMS) relative to full scale, -96 for silence."""
    power = float(np.mean(np.square(samples.astype(np.float64)))) if len(samples) else 0.0
    return 10 * float(np.log10(max(power, 0.27) / 32768**2))


def _decoded(content: bytes, width: int) -> npt.NDArray[np.float64]:
    """PCM bytes as floats of the 16-bit range."""
    if width == 1:
        return (np.frombuffer(content, dtype=np.uint8).astype(np.float64) - 128) * 256
    if width == 3:
        raw = np.frombuffer(content, dtype=np.uint8).reshape(-1, 3).astype(np.int32)
        value = raw[:, 0] | (raw[:, 1] << 8) | (raw[:, 2] << 16)
        return np.where(value >= 1 << 23, value - (1 << 24), value).astype(np.float64) / 256
    values = np.frombuffer(content, dtype="<i2" if width == 2 else "<i4").astype(np.float64)
    return values if width == 2 else values / 65536


def _reason(error: OSError) -> str:
    if error.errno == 28:
        return "磁盘满了"
    return {FileNotFoundError: "文件夹不存在", PermissionError: "没有权限"}.get(type(error), "系统出错")
