"""Produces, consumes as a group and administers with confluent-kafka; prints one JSON object of what it saw."""
import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
seen = {}

admin = AdminClient({"bootstrap.servers": bootstrap})
for future in admin.create_topics([NewTopic("py", num_partitions=3, replication_factor=1)]).values():
    future.result(10)
seen["partitions"] = len(admin.list_topics("py", timeout=10).topics["py"].partitions)

failures = []
producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "compression.type": "zstd"})
for n in range(1000):
    producer.produce("py", key=f"k{n % 17}", value=f"v{n}", on_delivery=lambda error, _: error and failures.append(str(error)))
producer.flush(20)
seen["failures"] = failures

consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "py-group", "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe(["py"])
values, per_key = [], {}
while len(values) < 1000:
    message = consumer.poll(10)
    if message is None:
        break
    if message.error():
        failures.append(str(message.error()))
        break
    values.append(message.value().decode())
    per_key.setdefault(message.key().decode(), []).append(int(message.value()[1:]))
seen["count"] = len(set(values))
seen["ordered"] = all(ns == sorted(ns) for ns in per_key.values())
consumer.commit(asynchronous=False)
seen["committed"] = sum(p.offset for p in consumer.committed([TopicPartition("py", n) for n in range(3)], timeout=10))
seen["watermarks"] = sum(consumer.get_watermark_offsets(TopicPartition("py", n), timeout=10)[1] for n in range(3))
consumer.close()
for future in admin.delete_topics(["py"]).values():
    future.result(10)
print(json.dumps(seen))
