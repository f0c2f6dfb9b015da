#!/usr/bin/env bash
# Fetches what the conformance tests and benchmarks compare with into .cache/ (not in version control); what is there
# already is kept.
#   scripts/fetch-rivals.sh          Apache Kafka 4.1 from Maven, confluent-kafka for Python
#   scripts/fetch-rivals.sh flink    Apache Flink 1.20 from Maven (only benchmarks need it)
set -uo pipefail
cd "$(dirname "$0")/.."
status=0

# fetch_maven FOLDER POM NAME: the class path of everything POM depends on, in .cache/FOLDER/classpath.txt
fetch_maven() {
  [ -s ".cache/$1/classpath.txt" ] && return 0
  command -v mvn >/dev/null || { echo "mvn not found: no $3"; return 1; }
  mkdir -p ".cache/$1"
  cp "$2" ".cache/$1/pom.xml"
  (cd ".cache/$1" && mvn -q -B dependency:build-classpath -Dmdep.outputFile=classpath.txt) ||
    { rm -f ".cache/$1/classpath.txt"; echo "Maven could not resolve $2: no $3"; return 1; }
}

if [ "${1:-}" = flink ]; then
  fetch_maven flink bench/java/flink-pom.xml 'Apache Flink'
  exit
fi

fetch_maven kafka test/conformance/kafka-pom.xml 'Apache Kafka' || status=1

if [ ! -x .cache/python/bin/python ]; then
  if python3 -m venv .cache/python >/dev/null 2>&1 && .cache/python/bin/pip install -q 'confluent-kafka==2.*' >/dev/null 2>&1; then :; else
    echo 'confluent-kafka for Python not installed'; rm -rf .cache/python; status=1
  fi
fi
exit $status
