#!/usr/bin/env bash
# Fetches what the conformance tests and benchmarks compare with into .cache/ (not in version control); what is there
# already is kept.
#   scripts/fetch-rivals.sh          Apache Kafka 4.1 from Maven, Python's and Go's clients
#   scripts/fetch-rivals.sh flink    Apache Flink 1.20 from Maven (only benchmarks need it)
set -uo pipefail
cd "$(dirname "$0")/.."
status=0

# fetch_maven FOLDER POM NAME: the class path of everything POM depends on, in .cache/FOLDER/classpath.txt
fetch_maven() {
  [ -s ".cache/$1/classpath.txt" ] && cmp -s "$2" ".cache/$1/pom.xml" && return 0
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

# kafka-python and aiokafka leave these codecs to other packages.
python_clients='confluent_kafka kafka aiokafka cramjam snappy lz4.frame zstandard'
for format in avro json_schema protobuf; do python_clients+=" confluent_kafka.schema_registry.$format"; done
if ! .cache/python/bin/python -c "import ${python_clients// /, }" 2>/dev/null; then
  [ -x .cache/python/bin/python ] || python3 -m venv .cache/python >/dev/null 2>&1
  .cache/python/bin/pip install -q 'confluent-kafka[schemaregistry,avro,json,protobuf]==2.*' 'kafka-python==2.*' 'aiokafka==0.*' \
    cramjam python-snappy lz4 zstandard >/dev/null 2>&1 ||
    { echo "Python's clients not installed"; status=1; }
fi

# The Go program with franz-go and sarama, built again when a source is newer.
sources=test/conformance/go
if [ -z "$(find .cache/go/clients -newer $sources/go.sum -newer $sources/main.go -newer $sources/franz.go -newer $sources/sarama.go 2>/dev/null)" ]; then
  mkdir -p .cache/go
  (cd $sources && go build -o ../../../.cache/go/clients .) 2>.cache/go/build.log ||
    { echo "Go's clients not built: $(head -n 1 .cache/go/build.log)"; rm -f .cache/go/clients; status=1; }
fi
exit $status
