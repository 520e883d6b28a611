import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What Kafka's own client finds, as lines whose fields are separated by one blank; bytes are Base64, and "-" is null:
 *
 *     record topic partition offset timestamp key value name=value,…
 *     position topic partition offset
 *
 * Arguments: broker, group (its stable positions are printed), topics (read with isolation.level=read_committed).
 */
class CommittedRecords {
    static final PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 20), false, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        String broker = args[0];
        for (String topic : List.of(args).subList(2, args.length)) read(broker, topic);
        positions(broker, args[1]);
        out.flush();
        if (out.checkError()) System.exit(1);
    }

    static void read(String broker, String topic) {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker, "isolation.level", "read_committed", "enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = new ArrayList<TopicPartition>();
            consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            var ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition)))
                consumer.poll(Duration.ofMillis(200)).forEach(CommittedRecords::print);
        }
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

    static void positions(String broker, String group) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker))) {
            // Waits while a transaction that moves a position is undecided.
            var options = new ListConsumerGroupOffsetsOptions().requireStable(true);
            admin.listConsumerGroupOffsets(group, options).partitionsToOffsetAndMetadata().get().forEach((partition, position) ->
                out.printf("position %s %d %d%n", partition.topic(), partition.partition(), position.offset()));
        }
    }
}
