# Everything is in make.py, plain Python, so that it is the same on Windows: `py make.py run`.
# Arguments: make test ARGS="-k onnx"
CANDIDATES := python3.13 python3.12 python3.11 python3
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help run test lint shots bench wheel clean
help run test lint shots bench wheel clean:
	@test -n "$(PYTHON)" || { echo "ANN Studio needs Python 3.11 or newer: none of $(CANDIDATES) is one." >&2; exit 1; }
	@$(PYTHON) make.py $@ $(ARGS)
