"""What kafka-python sees of a broker.  kafka_python_client.py HOST:PORT"""
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

from seen import show

bootstrap = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="kafka-python")
TOPIC = "kafka-python"
partition = TopicPartition(TOPIC, 0)


def create():
    admin.create_topics([NewTopic(TOPIC, 2, 1, topic_configs={"retention.ms": "60000"})])
    return "created"


def configs():
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC)])
    entries = described if isinstance(described, dict) else described[0].resources[0][4]
    return len(str(entries)) > 0


def produce(codec):
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=codec, enable_idempotence=True)
    sent = [producer.send(TOPIC, f"{codec} {n}".encode(), key=b"k", headers=[("h", b"x")], partition=0) for n in range(50)]
    producer.flush(20)
    last = sent[-1].get(10)
    producer.close()
    return (last.partition, last.offset)


def read(**settings):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, **settings)
    return consumer


def seek():
    consumer = read()
    consumer.assign([partition])
    consumer.seek(partition, 7)
    batch = []
    until = time.time() + 15
    while len(batch) < 3 and time.time() < until:
        for records in consumer.poll(500, max_records=3).values():
            batch += [(record.offset, record.value.decode(), record.key.decode(), record.headers) for record in records]
    ends = consumer.end_offsets([partition])[partition]
    starts = consumer.beginning_offsets([partition])[partition]
    times = consumer.offsets_for_times({partition: 1})[partition].offset
    consumer.close()
    return (batch[:3], starts, ends, times)


def group():
    consumer = read(group_id="kafka-python-group")
    consumer.subscribe([TOPIC])
    count = 0
    until = time.time() + 20
    while count < 200 and time.time() < until:
        count += sum(len(records) for records in consumer.poll(500).values())
    consumer.commit()
    committed = consumer.committed(partition)
    owned = sorted(str(p) for p in consumer.assignment())
    consumer.commit({partition: OffsetAndMetadata(3, "noted", -1)})
    with_metadata = consumer.committed(partition, metadata=True)
    consumer.close()
    return (count, committed, owned, with_metadata.offset, with_metadata.metadata)


def transactions():
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id="kafka-python-tx")
    producer.init_transactions()
    for n, end in enumerate([producer.commit_transaction, producer.abort_transaction, producer.commit_transaction]):
        producer.begin_transaction()
        producer.send("kafka-python-tx", f"t{n}".encode(), partition=0)
        producer.flush(10)
        end()
    producer.close()
    consumer = read(isolation_level="read_committed")
    consumer.assign([TopicPartition("kafka-python-tx", 0)])
    values = []
    until = time.time() + 10
    while len(values) < 2 and time.time() < until:
        for records in consumer.poll(500).values():
            values += [record.value.decode() for record in records]
    consumer.close()
    return values


def delete():
    admin.delete_topics([TOPIC, "kafka-python-tx"])
    return "deleted"


show("create", create)
show("create again", create)
show("grow", lambda: admin.create_partitions({TOPIC: NewPartitions(3)}) and "grown")
show("configs", configs)
for kind in (None, "gzip", "snappy", "lz4", "zstd"):
    show(f"produce {kind}", lambda kind=kind: produce(kind))
show("seek", seek)
show("group", group)
show("transactions", transactions)
show("topics", lambda: sorted(name for name in admin.list_topics() if name.startswith("kafka-python")))
show("delete", delete)
show("delete again", lambda: admin.delete_topics(["kafka-python-none"]) and "deleted")
