import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Records as Kafka's own client finds them with isolation.level=read_committed, from the beginning on and as long as
 * its input is open; partitions that are added later are read too. A line each, as those of CommittedRecords:
 *
 *     record topic partition offset timestamp key value name=value,…
 *
 * Arguments: brokers, topics.
 */
class CommittedStream {
    static final PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);

    static volatile boolean isOver;

    public static void main(String[] args) throws Exception {
        var untilClosed = new Thread(CommittedStream::awaitEndOfInput);
        untilClosed.setDaemon(true);
        untilClosed.start();
        var topics = List.of(args).subList(1, args.length);
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed",
            "enable.auto.commit", false, "auto.offset.reset", "earliest", "metadata.max.age.ms", 1000, "fetch.max.wait.ms", 100);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var assigned = new HashSet<TopicPartition>();
            long nextLook = 0;
            while (!isOver) {
                if (System.nanoTime() >= nextLook) {
                    nextLook = System.nanoTime() + 1_000_000_000L;
                    for (String topic : topics)
                        consumer.partitionsFor(topic).forEach(info -> assigned.add(new TopicPartition(topic, info.partition())));
                    // A topic that is not there yet has no partitions.
                    if (!assigned.equals(consumer.assignment())) consumer.assign(assigned);
                }
                if (assigned.isEmpty()) Thread.sleep(100);
                else consumer.poll(Duration.ofMillis(100)).forEach(CommittedStream::print);
                out.flush();
                if (out.checkError()) return;
            }
        }
    }

    static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0);
        } catch (java.io.IOException error) {
            // As good as its end.
        }
        isOver = true;
    }

    static void print(ConsumerRecord<byte[], byte[]> record) {
        var headers = new ArrayList<String>();
        for (Header header : record.headers()) headers.add(header.key() + "=" + base64(header.value()));
        out.print(String.join(" ", "record", record.topic(), Integer.toString(record.partition()), Long.toString(record.offset()),
            Long.toString(record.timestamp()), base64(record.key()), base64(record.value()), String.join(",", headers)) + "\n");
    }

    static String base64(byte[] bytes) {
        return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
    }
}
