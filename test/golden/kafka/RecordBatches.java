import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes record-batches.json: batches as Kafka's own client makes them, and their records as Kafka's own client reads
 * them. Run with the libraries of Kafka 3.9.2 on the class path (later ones hide these classes): java -cp 'libs/*' RecordBatches.java > record-batches.json
 */
public class RecordBatches {
    static final Header[] NONE = new Header[0];

    public static void main(String[] args) {
        List<String> cases = new ArrayList<>();
        for (CompressionType type : CompressionType.values()) {
            if (type == CompressionType.NONE) cases.add(plain("uncompressed", Compression.NONE, TimestampType.CREATE_TIME));
            else cases.add(plain(type.name, Compression.of(type).build(), TimestampType.CREATE_TIME));
        }
        cases.add(plain("stamped by the broker", Compression.NONE, TimestampType.LOG_APPEND_TIME));
        cases.add(transactional());
        cases.add(long_("two hundred kilobytes, snappy", Compression.snappy().build()));
        cases.add(long_("two hundred kilobytes, lz4", Compression.lz4().build()));
        cases.add(compacted());
        cases.add(marker("an abort marker", ControlRecordType.ABORT));
        cases.add(marker("a commit marker", ControlRecordType.COMMIT));
        System.out.println("[\n" + String.join(",\n", cases) + "\n]");
    }

    static String plain(String name, Compression compression, TimestampType timestamps) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, compression, timestamps, 1_000_000_000_000L, 1_700_000_000_123L, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, false, 5);
        builder.append(1_700_000_000_000L, bytes("key"), bytes("value"), NONE);
        builder.append(1_699_999_000_000L, null, bytes("earlier than the first, without a key"), NONE);
        builder.append(1_700_086_400_000L, bytes("tombstone"), null, NONE);
        builder.append(1_700_000_000_001L, new byte[0], new byte[0], new Header[] {new RecordHeader("a", bytes("1")), new RecordHeader("a", null), new RecordHeader("größe", new byte[0])});
        builder.append(1_700_000_000_002L, bytes("long"), bytes("x".repeat(300)), NONE);
        return show(name, builder.build());
    }

    static String transactional() {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, Compression.NONE, TimestampType.CREATE_TIME, 7L, -1L, 4_000_000_000L, (short) 12, 345, true, 0);
        for (int i = 0; i < 100; i++) builder.append(1_600_000_000_000L + i, bytes("k" + i), bytes("v".repeat(i)), NONE);
        return show("transactional", builder.build());
    }

    static String long_(String name, Compression compression) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1 << 19), RecordBatch.MAGIC_VALUE_V2, compression, TimestampType.CREATE_TIME, 0L, -1L, -1L, (short) -1, -1, false, 0);
        for (int i = 0; i < 20; i++) builder.append(i, null, bytes(("value " + i + " ").repeat(1250)), NONE);
        return show(name, builder.build());
    }

    /** Compaction leaves gaps in the offsets, and the base and last offset as they were. */
    static String compacted() {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, Compression.NONE, TimestampType.CREATE_TIME, 100L, -1L, -1L, (short) -1, -1, false, 0);
        for (int i = 0; i < 10; i++) builder.append(i, bytes("k" + i % 3), bytes("v" + i), NONE);
        ByteBuffer kept = ByteBuffer.allocate(4096);
        builder.build().filterTo(new org.apache.kafka.common.TopicPartition("topic", 0), new MemoryRecords.RecordFilter(0, 0) {
            protected BatchRetentionResult checkBatchRetention(RecordBatch batch) { return new BatchRetentionResult(BatchRetention.DELETE_EMPTY, false); }
            protected boolean shouldRetainRecord(RecordBatch batch, org.apache.kafka.common.record.Record record) { return record.offset() == 104 || record.offset() == 107; }
        }, kept, Integer.MAX_VALUE, BufferSupplier.NO_CACHING);
        kept.flip();
        return show("compacted", MemoryRecords.readableRecords(kept));
    }

    static String marker(String name, ControlRecordType type) {
        return show(name, MemoryRecords.withEndTransactionMarker(55L, 1_650_000_000_000L, 3, 4_000_000_000L, (short) 12, new EndTransactionMarker(type, 9)));
    }

    static String show(String name, MemoryRecords records) {
        List<String> shown = new ArrayList<>();
        long next = -1;
        for (RecordBatch batch : records.batches()) {
            next = batch.nextOffset();
            if (batch.isControlBatch()) continue;
            for (org.apache.kafka.common.record.Record record : batch) {
                List<String> headers = new ArrayList<>();
                for (Header header : record.headers()) headers.add("[" + quote(header.key()) + ", " + base64(header.value()) + "]");
                shown.add("      [" + record.offset() + ", " + record.timestamp() + ", " + base64(record.hasKey() ? Utils.toArray(record.key()) : null) + ", " + shown(record.hasValue() ? Utils.toArray(record.value()) : null) + ", [" + String.join(", ", headers) + "]]");
            }
        }
        return "  {\n    \"name\": " + quote(name) + ",\n    \"nextOffset\": " + next + ",\n    \"batch\": " + base64(Utils.toArray(records.buffer())) + ",\n    \"records\": [\n" + String.join(",\n", shown) + "\n    ]\n  }";
    }

    static byte[] bytes(String text) { return text.getBytes(java.nio.charset.StandardCharsets.UTF_8); }
    static String quote(String text) { return "\"" + text + "\""; }
    /** What is long is shown by its digest. */
    static String shown(byte[] bytes) {
        if (bytes == null || bytes.length < 1000) return base64(bytes);
        try {
            return quote("sha256 " + java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
    static String base64(byte[] bytes) { return bytes == null ? "null" : quote(Base64.getEncoder().encodeToString(bytes)); }
}
