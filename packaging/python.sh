#!/bin/sh
# Makes a virtual environment and installs Venus into it. Usage: python.sh FOLDER base|test
# Works with any Python 3.11 to 3.13 that has pip, also where the venv package is not installed.
set -eu

folder=$1
kind=$2

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    echo "Venus needs Python 3.11, 3.12 or 3.13; none was found. Name one: make PYTHON=…" >&2
    exit 1
}

if [ ! -x "$folder/bin/python" ]; then
    python=$(find_python)
    echo "Making $folder with $("$python" --version)"
    if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
        rm -rf "$folder"
        "$python" -m venv --without-pip "$folder"
        "$python" -m pip --python "$folder/bin/python" install --quiet pip
    fi
fi

install() {
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

if [ "$kind" = test ]; then
    # Exactly this release, first: an open range would fetch gigabytes of CUDA.
    install torch==2.13.0
    install --editable '.[model,test]'
else
    install --editable .
fi
