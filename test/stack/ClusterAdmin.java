import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/**
 * What kafkajs's admin client cannot ask of a cluster. Arguments: brokers. Each line of input is a command:
 *
 *     password user mechanism password     a SCRAM password
 *     quota client-id name value           of a client quota; value - removes it
 *     place topic partition 2,3,1          replicas of a partition, the first preferred
 *     prefer topic partition               the preferred replica leads
 *     leader topic partition               answers the leader's id
 *     replicas topic partition             answers the replicas' ids: the present ones, and those in sync, in order
 *     group id                             answers the id of the group's coordinator
 *     transactional id                     answers the id of the transactional id's coordinator
 *     transactions                         answers the transactional ids that have not ended their transaction
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
            case "place" -> {
                var replicas = Stream.of(words[3].split(",")).map(Integer::valueOf).toList();
                var wanted = Map.of(partition(words), Optional.of(new NewPartitionReassignment(replicas)));
                admin.alterPartitionReassignments(wanted).all().get();
            }
            case "prefer" -> admin.electLeaders(ElectionType.PREFERRED, Set.of(partition(words))).all().get();
            case "leader" -> {
                var leader = info(admin, words).leader();
                return leader == null ? "-1" : leader.idString();
            }
            case "replicas" -> {
                var info = info(admin, words);
                return ids(info.replicas()) + " " + ids(info.isr().stream().sorted((a, b) -> a.id() - b.id()).toList());
            }
            case "group" -> {
                return admin.describeConsumerGroups(List.of(words[1])).all().get().get(words[1]).coordinator().idString();
            }
            case "transactional" -> {
                return Integer.toString(admin.describeTransactions(List.of(words[1])).all().get().get(words[1]).coordinatorId());
            }
            case "transactions" -> {
                var open = new ArrayList<String>();
                for (var listing : admin.listTransactions().all().get())
                    if (!Set.of("Empty", "CompleteCommit", "CompleteAbort").contains(listing.state().toString()))
                        open.add(listing.transactionalId());
                return String.join(" ", open);
            }
            default -> throw new IllegalArgumentException("no such command: " + words[0]);
        }
        return "";
    }

    static TopicPartition partition(String[] words) {
        return new TopicPartition(words[1], Integer.parseInt(words[2]));
    }

    static org.apache.kafka.common.TopicPartitionInfo info(Admin admin, String[] words) throws Exception {
        var topic = admin.describeTopics(List.of(words[1])).allTopicNames().get().get(words[1]);
        return topic.partitions().get(Integer.parseInt(words[2]));
    }

    static String ids(List<org.apache.kafka.common.Node> nodes) {
        return String.join(",", nodes.stream().map(node -> node.idString()).toList());
    }
}
