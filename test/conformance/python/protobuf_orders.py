"""Orders in Protocol Buffers: `produce` or `consume BOOTSTRAP REGISTRY`, by confluent-kafka's serializers; prints JSON."""
import json
import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2, wrappers_pb2  # noqa: F401

mode, bootstrap, url = sys.argv[1:4]
registry = SchemaRegistryClient({"url": f"http://{url}"})
CONFIG = {"use.deprecated.format": False}
Field = descriptor_pb2.FieldDescriptorProto


def class_of(file, name):
    """What protoc would have made of the file."""
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def add(message, number, name, kind, label=1, **more):
    message.field.add(number=number, name=name, type=kind, label=label, **more)


def order_class():
    """The second message of its file, with what a schema made of columns does not have."""
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    file.dependency.extend(["google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto"])
    add(file.message_type.add(name="Other"), 1, "x", Field.TYPE_INT32)
    order = file.message_type.add(name="Order")
    state = order.enum_type.add(name="State")
    state.value.add(name="NEW", number=0)
    state.value.add(name="DONE", number=3)
    line = order.nested_type.add(name="Line")
    add(line, 1, "sku", Field.TYPE_STRING)
    tags = order.nested_type.add(name="TagsEntry")
    tags.options.map_entry = True
    add(tags, 1, "key", Field.TYPE_STRING)
    add(tags, 2, "value", Field.TYPE_INT64)
    order.oneof_decl.add(name="payment")
    order.oneof_decl.add(name="_note")
    add(order, 1, "id", Field.TYPE_SINT64)
    add(order, 2, "price", Field.TYPE_FLOAT)
    add(order, 3, "made", Field.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp")
    add(order, 4, "points", Field.TYPE_MESSAGE, type_name=".google.protobuf.Int32Value")
    add(order, 5, "numbers", Field.TYPE_UINT32, 3)
    add(order, 6, "state", Field.TYPE_ENUM, type_name=".shop.Order.State")
    add(order, 7, "lines", Field.TYPE_MESSAGE, 3, type_name=".shop.Order.Line")
    add(order, 8, "tags", Field.TYPE_MESSAGE, 3, type_name=".shop.Order.TagsEntry")
    add(order, 9, "card", Field.TYPE_STRING, oneof_index=0)
    add(order, 10, "cash", Field.TYPE_BOOL, oneof_index=0)
    add(order, 11, "note", Field.TYPE_STRING, oneof_index=1, proto3_optional=True)
    return class_of(file, "shop.Order")


def produce():
    Order = order_class()
    serialize = ProtobufSerializer(Order, registry, CONFIG)
    producer = Producer({"bootstrap.servers": bootstrap})
    full = Order(id=-1, price=1.5, numbers=[1, 4000000000], state=3, tags={"a": 1}, card="visa", note="")
    full.made.FromMilliseconds(1700000000123)
    full.points.value = 0
    full.lines.add(sku="s")
    for order in (Order(), full):
        producer.produce("orders", value=serialize(order, SerializationContext("orders", MessageField.VALUE)))
    return producer.flush(10)


def consume():
    """What SQL has made of the orders."""
    file = descriptor_pb2.FileDescriptorProto(name="paid.proto", syntax="proto3")
    paid = file.message_type.add(name="ConnectDefault1")
    columns = [("ID", Field.TYPE_INT64, 1), ("PRICE", Field.TYPE_DOUBLE, 1), ("NUMBERS", Field.TYPE_INT64, 3), ("CARD", Field.TYPE_STRING, 1)]
    for number, (name, kind, label) in enumerate(columns, 1):
        add(paid, number, name, kind, label)
    deserialize = ProtobufDeserializer(class_of(file, "ConnectDefault1"), CONFIG, registry)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["PAID"])
    seen, end = [], time.time() + 20
    while len(seen) < 2 and time.time() < end:
        record = consumer.poll(1)
        if record is None or record.error():
            continue
        value = deserialize(record.value(), SerializationContext("PAID", MessageField.VALUE))
        seen.append([value.ID, value.PRICE, list(value.NUMBERS), value.CARD])
    consumer.close()
    return seen


print(json.dumps(produce() if mode == "produce" else consume()))
