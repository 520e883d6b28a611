import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Where partitions end. Arguments: broker. Each line of input names topics, separated by blanks; it is answered by a
 * line for each of their partitions, and an empty one:
 *
 *     topic partition lastStableOffset highWatermark
 */
class PartitionEnds {
    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in));
        // To a reader of committed records the end is the last stable offset.
        try (var committed = consumer(args[0], "read_committed"); var all = consumer(args[0], "read_uncommitted")) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                var partitions = new ArrayList<TopicPartition>();
                for (String topic : List.of(line.split(" ")))
                    all.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
                // In this order: what is decided in between can only make the first look behind, never the last.
                var stable = committed.endOffsets(partitions);
                var highWatermarks = all.endOffsets(partitions);
                for (var partition : partitions)
                    System.out.printf("%s %d %d %d%n", partition.topic(), partition.partition(), stable.get(partition), highWatermarks.get(partition));
                System.out.println();
                System.out.flush();
            }
        }
    }

    static KafkaConsumer<byte[], byte[]> consumer(String broker, String isolation) {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker, "isolation.level", isolation);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
