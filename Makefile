# What is done with this tree, by name. CI, the pre-commit hooks and the README call the same commands.
.PHONY: setup check test test-long pictures bench soak fuzz faults

setup:  ## Install into .venv, editable, with what the tests need.
	python3 -m venv .venv && .venv/bin/pip install --quiet --editable '.[test]'

check:  ## Style, types and layers.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

test:  ## The tests, on all cores.
	.venv/bin/python -m pytest

test-long:  ## The same, with ten times as many examples of every property, and long trainings to their end.
	.venv/bin/python -m pytest --hypothesis-profile=long

pictures:  ## Take the pictures in docs again.
	.venv/bin/python docs/pictures.py

bench:  ## Measure the engine, the worker, the screen, and how soon it is there.
	.venv/bin/python -m tests.benchmarks.engine
	.venv/bin/python -m tests.benchmarks.worker
	.venv/bin/python -m tests.benchmarks.screen
	.venv/bin/python -m tests.benchmarks.start
	.venv/bin/python -m tests.benchmarks.sweep
	.venv/bin/python -m tests.benchmarks.link
	.venv/bin/python -m tests.benchmarks.judging

soak:  ## Random keys, resizes and edits for an hour while it trains.
	.venv/bin/python -m tests.soak --minutes 60

fuzz:  ## Rubbish at a worker's socket for ten minutes while it trains.
	.venv/bin/python -m tests.soak.fuzz --minutes 10

faults:  ## Deaths, a failing disk, power cuts and hostile workers, half an hour of them.
	.venv/bin/python -m tests.faults.kills --times 200
	.venv/bin/python -m tests.faults.failing_disk
	.venv/bin/python -m tests.faults.power
	.venv/bin/python -m tests.faults.hostile --times 500
