using System.Text;
using Serverless.CosmosEmulator.Batch;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Tests.Batches;

/// <summary>The binary form byte by byte; that the SDK understands it is shown by the tests that use the SDK.</summary>
public sealed class HybridRowTests
{
    // The example of COSMOS-PROTOCOL §5.3, as captured.
    private const string OneCreate =
        "81F0D8FF7F010A000000" + "81F1D8FF7F2B0000009FA00ECF" + "817054E17F43000000000200000 01C7B226964223A2233222C2274223A227431222C2273223A227331227D";

    private static readonly byte[] Captured = Convert.FromHexString(OneCreate.Replace(" ", "", StringComparison.Ordinal));

    [Fact]
    public void A_captured_batch_is_read()
    {
        BatchOperation operation = Assert.Single(new HybridRowBatch().Read(Captured));
        Assert.Equal(ItemOperationKind.Create, operation.Kind);
        Assert.Equal("""{"id":"3","t":"t1","s":"s1"}""", Encoding.UTF8.GetString(operation.Body.Span));
    }

    [Fact]
    public void Every_shorter_or_changed_batch_is_refused_and_never_a_fault()
    {
        var format = new HybridRowBatch();
        for (int length = 11; length < Captured.Length; length++)
        {
            byte[] cut = Captured[..length];
            Assert.Throws<RefusedException>(() => format.Read(cut));
        }

        for (int i = 23; i < Captured.Length; i++)
        {
            byte[] changed = [.. Captured];
            changed[i] ^= 0x40;
            Assert.Throws<RefusedException>(() => format.Read(changed)); // The checksum covers the whole row.
        }
    }

    [Fact]
    public void A_result_has_the_layout_that_clients_expect()
    {
        byte[] written = new HybridRowBatch().Write([new BatchResult(201, 0, "\"e\"", "{}"u8.ToArray(), 5.5, null)]);
        string expected = "81F0D8FF7F010A000000" + "81F1D8FF7F"
            + "1F000000" // The row's length.
            + Convert.ToHexString(BitConverter.GetBytes(Crc32.Of(written.AsSpan(23))))
            + "817154E17F" + "0F" + "C9000000" + "00000000" + "03226522" + "027B7D" + "1006" + "0000000000001640";
        Assert.Equal(expected, Convert.ToHexString(written));
    }

    [Fact]
    public void The_checksum_is_the_common_one() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));
}
