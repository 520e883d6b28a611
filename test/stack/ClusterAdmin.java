import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/**
 * What kafkajs's admin client cannot ask of a cluster. Arguments: brokers. Each line of input is a command:
 *
 *     password user mechanism password     a SCRAM password
 *     quota client-id name value           of a client quota; value - removes it
 *     leader topic partition               answers the leader's id
 *     home topic key                       answers the partition of an internal topic that a group or a transactional id lies in
 *     move topic partition                 another replica, in sync, leads; answers its id
 *     controller                           answers the id of the active controller
 *     settle topics                        the preferred replicas lead; answers how many partitions are not there yet
 *     transactions                         answers the transactional ids that have not ended their transaction
 *     forgotten topics                     answers where transactions are open that their coordinators take for ended
 *
 * It is answered by one line: "done" and the answer, or "failed" and why.
 */
class ClusterAdmin {
    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in));
        try (var admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String answer;
                try {
                    answer = ("done " + run(admin, line.split(" "))).trim();
                } catch (Exception e) {
                    var why = e.getCause() == null ? e : e.getCause();
                    answer = "failed " + why.toString().replace('\n', ' ');
                }
                System.out.println(answer);
                System.out.flush();
            }
        }
    }

    static String run(Admin admin, String[] words) throws Exception {
        switch (words[0]) {
            case "password" -> {
                var info = new ScramCredentialInfo(ScramMechanism.fromMechanismName(words[2]), 4096);
                admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(words[1], info, words[3]))).all().get();
            }
            case "quota" -> {
                var entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, words[1]));
                var value = words[3].equals("-") ? null : Double.valueOf(words[3]);
                var alteration = new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op(words[2], value)));
                admin.alterClientQuotas(List.of(alteration)).all().get();
            }
            case "leader" -> {
                return Integer.toString(leader(info(admin, words)));
            }
            case "home" -> {
                int partitions = topic(admin, words[1]).partitions().size();
                return Integer.toString((words[2].hashCode() & Integer.MAX_VALUE) % partitions);
            }
            case "move" -> {
                var info = info(admin, words);
                int next = info.isr().stream().mapToInt(Node::id).filter(id -> id != leader(info)).min().orElseThrow();
                var others = info.replicas().stream().map(Node::id).filter(id -> id != next);
                var order = Stream.concat(Stream.of(next), others).toList();
                admin.alterPartitionReassignments(Map.of(partition(words), Optional.of(new NewPartitionReassignment(order)))).all().get();
                admin.electLeaders(ElectionType.PREFERRED, Set.of(partition(words))).all().get();
                return Integer.toString(next);
            }
            case "controller" -> {
                return Integer.toString(admin.describeMetadataQuorum().quorumInfo().get().leaderId());
            }
            case "settle" -> {
                return Integer.toString(settle(admin, List.of(words).subList(1, words.length)));
            }
            case "transactions" -> {
                var open = new ArrayList<String>();
                for (var listing : transactions(admin))
                    if (!Set.of("Empty", "CompleteCommit", "CompleteAbort").contains(listing.state().toString()))
                        open.add(listing.transactionalId());
                return String.join(" ", open);
            }
            case "forgotten" -> {
                return String.join(" ", forgotten(admin, List.of(words).subList(1, words.length)));
            }
            default -> throw new IllegalArgumentException("no such command: " + words[0]);
        }
        return "";
    }

    /** The client cannot list them while the connection to a broker is lost (IllegalArgumentException, Kafka 4.4.0). */
    static Collection<TransactionListing> transactions(Admin admin) throws Exception {
        for (int left = 100; ; left--) {
            try {
                return admin.listTransactions().all().get();
            } catch (ExecutionException e) {
                if (left == 0 || !(e.getCause() instanceof IllegalArgumentException)) throw e;
                Thread.sleep(100);
            }
        }
    }

    /** As topic-partition@offset. Markers under way are no such thing: what is being ended is not taken for ended. */
    static List<String> forgotten(Admin admin, List<String> topics) throws Exception {
        var ids = transactions(admin).stream().map(TransactionListing::transactionalId).toList();
        var known = new HashMap<Long, TransactionDescription>();
        for (var description : admin.describeTransactions(ids).all().get().values()) known.put(description.producerId(), description);
        var partitions = new ArrayList<TopicPartition>();
        for (var topic : admin.describeTopics(topics).allTopicNames().get().values())
            for (var info : topic.partitions()) partitions.add(new TopicPartition(topic.name(), info.partition()));
        var found = new ArrayList<String>();
        admin.describeProducers(partitions).all().get().forEach((partition, state) -> {
            for (var producer : state.activeProducers()) {
                var start = producer.currentTransactionStartOffset();
                if (start.isPresent() && isOver(producer, known.get(producer.producerId())))
                    found.add(partition + "@" + start.getAsLong());
            }
        });
        return found.stream().sorted().toList();
    }

    /** Whether the coordinator has ended the transaction that the producer has open, or has begun a later one. */
    static boolean isOver(ProducerState producer, TransactionDescription coordinator) {
        if (coordinator == null) return true;
        return switch (coordinator.state()) {
            case EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT -> true;
            case ONGOING -> coordinator.producerEpoch() > producer.producerEpoch();
            default -> false;
        };
    }

    /** A replica that is out of sync cannot lead; one that does not lead yet is asked to. */
    static int settle(Admin admin, List<String> topics) throws Exception {
        var misled = new HashSet<TopicPartition>();
        int behind = 0;
        for (var topic : admin.describeTopics(topics).allTopicNames().get().values())
            for (var info : topic.partitions()) {
                if (info.isr().size() < info.replicas().size()) behind++;
                else if (leader(info) != info.replicas().get(0).id()) misled.add(new TopicPartition(topic.name(), info.partition()));
            }
        if (!misled.isEmpty()) admin.electLeaders(ElectionType.PREFERRED, misled).partitions().get();
        return behind + misled.size();
    }

    static TopicPartition partition(String[] words) {
        return new TopicPartition(words[1], Integer.parseInt(words[2]));
    }

    static TopicDescription topic(Admin admin, String name) throws Exception {
        return admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
    }

    static TopicPartitionInfo info(Admin admin, String[] words) throws Exception {
        return topic(admin, words[1]).partitions().get(Integer.parseInt(words[2]));
    }

    /** -1 while there is none. */
    static int leader(TopicPartitionInfo info) {
        return info.leader() == null ? -1 : info.leader().id();
    }
}
