# PeiBan: `make serve` runs everything, `make test` checks everything. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)
export PYTHONUNBUFFERED := 1

.PHONY: help serve test setup setup-robot setup-test train demo-bank token robot robot-check robot-model \
        pages bench lint demo-day lock nlu-report nlu-check soak clean

help: ## 列出所有命令 · list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## 准备环境（自动完成） · create .venv from the locked requirements
	@bash scripts/setup.sh server robot web

setup-robot: ## 只装机器人端 · install the robot alone into .venv-robot
	@PEIBAN_VENV=.venv-robot bash scripts/setup.sh robot

setup-test:
	@bash scripts/setup.sh server robot web test system

serve: setup ## 启动全部服务和页面 · start everything, print the addresses
	@$(PY) -m server.serve

demo-bank: setup ## 生成演示银行 · build the demo bank (SIZE=2000)
	@$(PY) -m wealth.demo --customers $(or $(SIZE),2000)

train: setup ## 训练模型（无改动则跳过） · train if data or config changed
	@$(PY) -m server.train

pages: setup ## 构建网页 · build the pages
	@$(PY) -m server.pages

token: ## 演示客户令牌 · a demo token: make token CUSTOMER=demo-01
	@$(PY) -m channels.app.token --customer "$(CUSTOMER)"

robot: ## 用麦克风和喇叭运行机器人 · the robot with microphone and loudspeaker
	@bash scripts/setup.sh robot audio
	@$(PY) -m robot

robot-check: ## 检查机器人各部件 · tell a technician what works
	@bash scripts/setup.sh robot
	@$(PY) -m robot.check

robot-model: ## 下载正式语音模型 · fetch the production speech model
	@bash scripts/setup.sh robot
	@$(PY) -m robot.model

test: setup-test ## 全部检查 · every check: lint, types, data, unit, stories, NLU, both channels
	@bash scripts/test.sh

lint: setup-test ## 代码检查 · ruff, mypy, import rules
	@bash scripts/lint.sh

demo-day: setup ## 重放银行的一天（SIZE=2000） · replay a generated day and check that its counts add up
	@$(PY) -m journeys.day --customers $(or $(SIZE),2000)
	@$(PY) -m benchmarks.day_checker

nlu-report: setup-test ## 语义理解报告（网页） · NLU report as a page
	@$(PY) -m nlu.report

nlu-check: setup-test ## 语义理解达标检查 · the NLU gate of make test
	@$(PY) -m nlu.check

bench: setup-test ## 性能对比 · all benchmarks, beside their peers
	@bash scripts/bench.sh

soak: setup-test ## 长时间运行 · long runs, not part of make test
	@$(PY) -m pytest -m soak

lock: ## 重新锁定依赖 · compile requirements/*.txt from pyproject.toml
	@bash scripts/lock.sh

clean: ## 删除生成的文件（保留虚拟环境） · remove what was generated, keep .venv
	@rm -rf var models results web/app/dist web/kiosk/dist
