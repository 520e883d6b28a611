import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes transactions that lie across each other, by Kafka's own client: of each codec a producer that commits or aborts,
 * now after one record and now after hundreds, one that leaves its transactions to time out, and one without any.
 *
 * Arguments: broker, topic (of two partitions), seed, transactions. Prints how many were committed, aborted and left.
 */
class InterleavedTransactions {
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    /** A producer in its transaction. */
    static class Writer {
        final KafkaProducer<byte[], byte[]> producer;
        boolean isOpen;

        Writer(String broker, String id, String codec, int timeoutMs) {
            producer = new KafkaProducer<>(Map.of("bootstrap.servers", broker, "transactional.id", id, "compression.type", codec,
                "batch.size", 700, "linger.ms", 1, "transaction.timeout.ms", timeoutMs), new ByteArraySerializer(), new ByteArraySerializer());
            producer.initTransactions();
        }

        void begin() {
            if (!isOpen) producer.beginTransaction();
            isOpen = true;
        }
    }

    static int written = 0;

    public static void main(String[] args) throws Exception {
        String broker = args[0], topic = args[1];
        Random choice = new Random(Long.parseLong(args[2]));
        int wanted = Integer.parseInt(args[3]);
        List<Writer> writers = new ArrayList<>();
        for (String codec : CODECS) writers.add(new Writer(broker, topic + "-" + codec, codec, 60_000));
        var plain = new KafkaProducer<>(Map.of("bootstrap.servers", broker, "linger.ms", 0), new ByteArraySerializer(), new ByteArraySerializer());
        int committed = 0, aborted = 0, left = 0;
        while (committed + aborted < wanted) {
            Writer turn = writers.get(choice.nextInt(writers.size()));
            turn.begin();
            // Mostly short: a long transaction has many short ones within it.
            int records = choice.nextInt(20) == 0 ? 300 : 1 + choice.nextInt(8);
            for (int i = 0; i < records; i++) turn.producer.send(next(topic, choice));
            turn.producer.flush();
            if (choice.nextInt(10) == 0) plain.send(next(topic, choice)).get();
            if (choice.nextInt(60) == 0) {
                // Nobody ends it: the coordinator does.
                var leaver = new Writer(broker, topic + "-left-" + left++, "lz4", 500);
                leaver.begin();
                leaver.producer.send(next(topic, choice)).get();
            }
            if (choice.nextInt(3) == 0) continue;
            turn.isOpen = false;
            if (choice.nextBoolean()) {
                turn.producer.commitTransaction();
                committed++;
            } else {
                turn.producer.abortTransaction();
                aborted++;
            }
        }
        for (Writer turn : writers) {
            if (turn.isOpen) turn.producer.abortTransaction();
            if (turn.isOpen) aborted++;
        }
        plain.close();
        System.out.printf("%d %d %d %d%n", committed, aborted, left, written);
        System.out.flush();
        // Closing a producer would end what it left open.
        Runtime.getRuntime().halt(0);
    }

    static ProducerRecord<byte[], byte[]> next(String topic, Random choice) {
        int number = written++;
        // Few keys, so that a compacted topic has something to leave out; some look like the key of a marker.
        byte[] key = choice.nextInt(5) == 0 ? new byte[4] : bytes("k" + choice.nextInt(40));
        byte[] value = choice.nextInt(50) == 0 ? null : bytes("v".repeat(choice.nextInt(200)) + number);
        var record = new ProducerRecord<>(topic, choice.nextInt(2), 1_700_000_000_000L + number, key, value);
        if (choice.nextInt(4) == 0) record.headers().add(new RecordHeader("number", bytes(Integer.toString(number)))).add(new RecordHeader("empty", new byte[0]));
        return record;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
