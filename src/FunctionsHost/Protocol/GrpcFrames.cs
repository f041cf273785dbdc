using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Serverless.FunctionsHost.Protocol;

/// <summary>
/// Messages of a gRPC stream: one byte that says whether the message is compressed, its length in four bytes, the message. The worker never
/// compresses.
/// </summary>
internal static class GrpcFrames
{
    private const int HeaderBytes = 5;

    /// <summary>Does not flush.</summary>
    public static void Write(PipeWriter writer, StreamMessage message)
    {
        int length = message.CalculateSize();
        Span<byte> header = writer.GetSpan(HeaderBytes);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
        writer.Advance(HeaderBytes);
        message.WriteTo(writer);
    }

    /// <summary>The next message, or null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The stream is none of messages, or ends inside of one.</exception>
    public static async ValueTask<StreamMessage?> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellationToken);
            if (TryTake(read.Buffer, out ReadOnlySequence<byte> body))
            {
                StreamMessage message = StreamMessage.Parser.ParseFrom(body);
                reader.AdvanceTo(body.End);
                return message;
            }
            if (read.IsCompleted)
            {
                return read.Buffer.IsEmpty ? null : throw new InvalidDataException("The worker's stream ended inside a message.");
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool TryTake(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] != 0 || length > int.MaxValue)
        {
            throw new InvalidDataException("The worker sent something else than an uncompressed gRPC message.");
        }
        if (buffer.Length - HeaderBytes < length)
        {
            return false;
        }
        body = buffer.Slice(HeaderBytes, length);
        return true;
    }
}
