import org.apache.kafka.common.protocol.Errors;

/** Writes error-names.json: what Kafka calls each error. java -cp 'libs/*' ErrorNames.java > error-names.json (4.4.0) */
public class ErrorNames {
    public static void main(String[] args) {
        String separator = "{\n";
        for (Errors error : Errors.values()) {
            System.out.print(separator + "  \"" + error.code() + "\": \"" + error.name() + "\"");
            separator = ",\n";
        }
        System.out.println("\n}");
    }
}
