import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How many records Kafka's own client finds with isolation.level=read_committed, from the beginning on and as long as its
 * input is open. Arguments: brokers, topics, which must be there. Each line of input is answered by a line for each of
 * their partitions, and an empty one; `left` are offsets before the end that have not been read yet:
 *
 *     topic partition count left
 */
class CommittedCounts {
    static final AtomicInteger asked = new AtomicInteger();
    static volatile boolean isOver;

    public static void main(String[] args) throws Exception {
        var listening = new Thread(CommittedCounts::listen);
        listening.setDaemon(true);
        listening.start();
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed",
            "enable.auto.commit", false, "max.poll.records", 50_000, "fetch.max.wait.ms", 100);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = new ArrayList<TopicPartition>();
            for (String topic : List.of(args).subList(1, args.length))
                consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var counts = new HashMap<TopicPartition, Long>();
            int answered = 0;
            while (!isOver) {
                var records = consumer.poll(Duration.ofMillis(100));
                for (var partition : records.partitions())
                    counts.merge(partition, (long) records.records(partition).size(), Long::sum);
                for (; answered < asked.get(); answered++) {
                    var ends = consumer.endOffsets(partitions);
                    for (var partition : partitions)
                        System.out.printf("%s %d %d %d%n", partition.topic(), partition.partition(),
                            counts.getOrDefault(partition, 0L), ends.get(partition) - consumer.position(partition));
                    System.out.println();
                    System.out.flush();
                }
            }
        }
    }

    static void listen() {
        try {
            var input = new BufferedReader(new InputStreamReader(System.in));
            while (input.readLine() != null) asked.incrementAndGet();
        } catch (java.io.IOException error) {
            // As good as its end.
        }
        isOver = true;
    }
}
