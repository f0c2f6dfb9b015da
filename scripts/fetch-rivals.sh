#!/usr/bin/env bash
# Fetches what the conformance tests and benchmarks compare with: Apache Kafka 4.1 from Maven, confluent-kafka for
# Python. Everything lands in .cache/ (not in version control); what is there already is kept.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache/kafka
status=0

if [ ! -s .cache/kafka/classpath.txt ]; then
  if command -v mvn >/dev/null; then
    cp test/conformance/kafka-pom.xml .cache/kafka/pom.xml
    (cd .cache/kafka && mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath.txt) || { rm -f .cache/kafka/classpath.txt; status=1; }
  else
    echo 'mvn not found: no Apache Kafka'; status=1
  fi
fi

if [ ! -x .cache/python/bin/python ]; then
  if python3 -m venv .cache/python >/dev/null 2>&1 && .cache/python/bin/pip install -q 'confluent-kafka==2.*' >/dev/null 2>&1; then :; else
    echo 'confluent-kafka for Python not installed'; rm -rf .cache/python; status=1
  fi
fi
exit $status
