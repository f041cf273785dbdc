using System.Buffers.Binary;
using System.Text;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Batch;

/// <summary>The binary form that .NET sends, byte by byte as COSMOS-PROTOCOL §5.3 lays it out.</summary>
internal sealed class HybridRowBatch : IBatchFormat
{
    public const byte FirstByte = 0x81;

    private const int OperationSchema = 2145473648;
    private const int ResultSchema = 2145473649;
    private const int RecordHeaderBytes = 13;
    private const int DocumentResource = 2;

    private static ReadOnlySpan<byte> Segment => [FirstByte, 0xF0, 0xD8, 0xFF, 0x7F, 0x01, 0x0A, 0x00, 0x00, 0x00];

    private static ReadOnlySpan<byte> RecordStart => [FirstByte, 0xF1, 0xD8, 0xFF, 0x7F];

    public IReadOnlyList<BatchOperation> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (!body.Span.StartsWith(Segment))
            {
                throw Malformed("The segment header is missing.");
            }

            List<BatchOperation> operations = [];
            for (ReadOnlyMemory<byte> rest = body[Segment.Length..]; !rest.IsEmpty;)
            {
                if (!rest.Span.StartsWith(RecordStart))
                {
                    throw Malformed("A record header is missing.");
                }

                int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[RecordStart.Length..]);
                uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[(RecordStart.Length + 4)..]);
                ReadOnlyMemory<byte> row = rest.Slice(RecordHeaderBytes, length);
                operations.Add(Crc32.Of(row.Span) == checksum ? ReadOperation(row) : throw Malformed("A record's checksum is wrong."));
                rest = rest[(RecordHeaderBytes + length)..];
            }

            return operations;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Malformed("It ends too early.");
        }
    }

    public byte[] Write(IReadOnlyList<BatchResult> results)
    {
        var target = new RowWriter(Segment.Length + results.Sum(result => 64 + result.Body.Length));
        target.Bytes(Segment);
        foreach (BatchResult result in results)
        {
            target.Bytes(RecordStart);
            int header = target.Reserve(8);
            int start = target.Length;
            WriteResult(target, result);
            ReadOnlySpan<byte> row = target.Written(start);
            target.Int32At(header, row.Length);
            target.Int32At(header + 4, (int)Crc32.Of(row));
        }

        return target.ToArray();
    }

    private static BatchOperation ReadOperation(ReadOnlyMemory<byte> row)
    {
        var reader = new RowReader(row);
        if (reader.Byte() != FirstByte || reader.Int32() != OperationSchema)
        {
            throw Malformed("A row is not a batch operation.");
        }

        byte present = reader.Byte();
        ItemOperationKind kind = Kind(reader.Int32());
        if (reader.Int32() != DocumentResource)
        {
            throw Malformed("Only operations on items belong in a batch.");
        }

        string? partitionKey = (present & 0x04) != 0 ? reader.Text() : null;
        _ = (present & 0x08) != 0 ? reader.Variable() : default; // The hash of the key, which is computed here anyway.
        string? id = (present & 0x10) != 0 ? reader.Text() : null;
        _ = (present & 0x20) != 0 ? reader.Variable() : default;
        ReadOnlyMemory<byte> body = (present & 0x40) != 0 ? reader.Variable() : default;
        var operation = new BatchOperation(kind) { PartitionKey = partitionKey, Id = id, Body = body };
        while (!reader.AtEnd)
        {
            operation = ReadSparse(ref reader, operation);
        }

        return operation;
    }

    /// <summary>A type, the number of the property in the schema (from 1), and the value.</summary>
    private static BatchOperation ReadSparse(ref RowReader reader, BatchOperation operation)
    {
        const byte falseType = 0x02, trueType = 0x03, int32Type = 0x07, textType = 0x14;
        const int indexingDirective = 8, ifMatch = 9, ifNoneMatch = 10, timeToLive = 11, minimal = 12;
        byte type = reader.Byte();
        int property = reader.VarInt();
        switch (type, property)
        {
            case (textType, ifMatch):
                return operation with { IfMatch = reader.Text() };
            case (textType, ifNoneMatch):
                return operation with { IfNoneMatch = reader.Text() };
            case (trueType or falseType, minimal):
                return operation with { MinimalAnswer = type == trueType };
            case (textType, indexingDirective): // Changes what the service indexes, never what a query answers.
                reader.Text();
                return operation;
            case (int32Type, timeToLive):
                throw new RefusedException(Errors.Unsupported("Times to live of batch operations"));
            default:
                throw Malformed($"A row has an unknown property {property} of type {type}.");
        }
    }

    private static ItemOperationKind Kind(int operationType) => operationType switch
    {
        0 => ItemOperationKind.Create,
        1 => ItemOperationKind.Patch,
        2 => ItemOperationKind.Read,
        4 => ItemOperationKind.Delete,
        5 => ItemOperationKind.Replace,
        20 => ItemOperationKind.Upsert,
        _ => throw Malformed($"The operation type {operationType} is unknown."),
    };

    private static void WriteResult(RowWriter target, BatchResult result)
    {
        const byte uint32Type = 0x0B, float64Type = 0x10, retryAfter = 5, charge = 6;
        target.Byte(FirstByte);
        target.Int32(ResultSchema);
        target.Byte((byte)(0x03 | (result.Etag is null ? 0 : 0x04) | (result.Body.IsEmpty ? 0 : 0x08)));
        target.Int32(result.Status);
        target.Int32(result.SubStatus);
        if (result.Etag is not null)
        {
            target.Variable(Encoding.UTF8.GetBytes(result.Etag));
        }

        if (!result.Body.IsEmpty)
        {
            target.Variable(result.Body.Span);
        }

        if (result.RetryAfter is { } wait)
        {
            target.Byte(uint32Type);
            target.Byte(retryAfter);
            target.Int32((int)wait.TotalMilliseconds);
        }

        target.Byte(float64Type);
        target.Byte(charge);
        target.Float64(result.Charge);
    }

    private static RefusedException Malformed(string detail) => new(Errors.MalformedBody("batch", detail));
}
