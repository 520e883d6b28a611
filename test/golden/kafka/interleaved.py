"""Writes interleaved.json: a partition in which transactions of five producers, committed and aborted, lie across each
other, compressed in every way, with plain records between; and what librdkafka gives a reader of committed records.

pip install confluent-kafka; python interleaved.py <host:port> <log.dirs of the broker> > interleaved.json
"""

import base64
import json
import random
import struct
import sys
import time
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

broker, log_dirs = sys.argv[1:3]
topic = f"interleaved-{int(time.time())}"
choice = random.Random(7)

admin = AdminClient({"bootstrap.servers": broker})
admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()


def producer(codec, **more):
    return Producer(
        {"bootstrap.servers": broker, "linger.ms": 0, "batch.num.messages": 7, "compression.type": codec, **more}
    )


transactional = []
for number, codec in enumerate(["none", "gzip", "snappy", "lz4", "zstd"]):
    made = producer(codec, **{"transactional.id": f"{topic}-{number}"})
    made.init_transactions()
    transactional.append([made, False])
plain = producer("none")

written = 0
for step in range(220):
    turn = choice.choice(transactional)
    made, is_open = turn
    if not is_open:
        made.begin_transaction()
        turn[1] = True
    for _ in range(choice.randrange(1, 12)):
        key = None if choice.random() < 0.1 else (b"\0\0\0\0" if choice.random() < 0.2 else b"k%d" % written)
        value = b"v" * choice.randrange(0, 60) + b"%d" % written
        headers = [("h", b"x")] if choice.random() < 0.2 else None
        made.produce(topic, value, key=key, partition=0, headers=headers)
        written += 1
    made.flush()
    if choice.random() < 0.2:
        plain.produce(topic, b"plain%d" % written, key=b"p", partition=0)
        plain.flush()
        written += 1
    if choice.random() < 0.3:
        made.commit_transaction() if choice.random() < 0.5 else made.abort_transaction()
        turn[1] = False
for made, is_open in transactional:
    if is_open:
        made.abort_transaction()

consumer = Consumer({"bootstrap.servers": broker, "group.id": topic, "isolation.level": "read_committed"})
consumer.assign([TopicPartition(topic, 0, 0)])
visible, idle = [], 0
while idle < 6:
    messages = consumer.consume(1000, 0.5)
    idle = 0 if messages else idle + 1
    for m in messages:
        key = None if m.key() is None else base64.b64encode(m.key()).decode()
        headers = [[name, value.decode()] for name, value in m.headers() or []]
        visible.append([m.offset(), m.timestamp()[1], key, m.value().decode(), headers])

segment = Path(log_dirs) / f"{topic}-0" / "00000000000000000000.log"
index = segment.with_suffix(".txnindex").read_bytes()
# Version, producer id, first offset, last offset, last stable offset (AbortedTxn of the broker).
aborted = [struct.unpack(">hqqqq", index[at : at + 34])[1:4] for at in range(0, len(index), 34)]
result = {
    "log": base64.b64encode(segment.read_bytes()).decode(),
    "aborted": [{"producerId": p, "firstOffset": first, "lastOffset": last} for p, first, last in aborted],
    "visible": visible,
}
json.dump(result, sys.stdout)
print(f"written {written}, visible {len(visible)}, aborted transactions {len(aborted)}", file=sys.stderr)
