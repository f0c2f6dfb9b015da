"""Two consumers of librdkafka with group.protocol=consumer share a topic; prints one JSON object of what was seen."""
import json
import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
seen = {}
admin = AdminClient({"bootstrap.servers": bootstrap})
for future in admin.create_topics([NewTopic("py-848", num_partitions=4, replication_factor=1)]).values():
    future.result(10)
producer = Producer({"bootstrap.servers": bootstrap})
for n in range(200):
    producer.produce("py-848", partition=n % 4, value=f"v{n}")
producer.flush(20)


def member(topic):
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "py-848",
        "group.protocol": "consumer",
        "auto.offset.reset": "earliest",
    })
    consumer.subscribe([topic])
    return consumer


def turn(consumers, values, until):
    """Polls all until they agree, or 30 s are over."""
    deadline = time.time() + 30
    while not until() and time.time() < deadline:
        for consumer in consumers:
            message = consumer.poll(0.05)
            if message is not None and message.error() is None:
                values.append(message.value().decode())
    return until()


values = []
first = member("py-848")
seen["alone"] = turn([first], values, lambda: len(first.assignment()) == 4 and len(set(values)) == 200)
# In the consumer protocol a pattern is the broker's to match.
second = member("^py-8.*")
seen["shared"] = turn([first, second], values, lambda: len(first.assignment()) == 2 and len(second.assignment()) == 2)
first.close()
seen["left"] = turn([second], values, lambda: len(second.assignment()) == 4)
seen["twice"] = len(values) - len(set(values))
second.close()
print(json.dumps(seen))
