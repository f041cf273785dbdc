using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Serverless.LocalEmulators.Tests;

/// <summary>
/// What the Functions host asks of its storage: one host is the primary by a lease on a blob, a host id belongs to one app, and keys are kept
/// and changed by condition. Runs where <c>HOST_STORAGE_TEST_CONNECTION</c> says: the value of <c>AzureWebJobsStorage</c>, or a storage account.
/// </summary>
public sealed class HostStorageTests
{
    private const string Hosts = "azure-webjobs-hosts";
    private const string Secrets = "azure-webjobs-secrets";

    // As long as the host asks for, and the shortest there is.
    private static readonly TimeSpan LeasePeriod = TimeSpan.FromSeconds(15);

    private readonly string hostId = $"test-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_host_at_a_time_holds_the_lock_of_the_primary()
    {
        BlobClient blob = await NewBlobAsync(Hosts, $"locks/{hostId}/host", "");
        BlobLeaseClient first = blob.GetBlobLeaseClient(Guid.NewGuid().ToString());
        BlobLeaseClient second = blob.GetBlobLeaseClient(Guid.NewGuid().ToString());
        try
        {
            await first.AcquireAsync(LeasePeriod, cancellationToken: Cancellation);

            RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(
                async () => await second.AcquireAsync(LeasePeriod, cancellationToken: Cancellation));
            Assert.Equal((409, BlobErrorCode.LeaseAlreadyPresent.ToString()), (refusal.Status, refusal.ErrorCode));

            await first.RenewAsync(cancellationToken: Cancellation);
            await first.ReleaseAsync(cancellationToken: Cancellation);
            await second.AcquireAsync(LeasePeriod, cancellationToken: Cancellation);
        }
        finally
        {
            await second.BreakAsync(TimeSpan.Zero, cancellationToken: CancellationToken.None);
            await blob.DeleteAsync(cancellationToken: CancellationToken.None);
        }
    }

    [Fact]
    public async Task The_use_of_a_host_id_is_written_once_and_read_back()
    {
        const string Usage = """{"Hostname":"localhost"}""";
        BlobClient blob = await NewBlobAsync(Hosts, $"ids/usage/{hostId}", Usage);
        try
        {
            Assert.Equal(Usage, (await blob.DownloadContentAsync(Cancellation)).Value.Content.ToString());
            RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(
                async () => await blob.UploadAsync(BinaryData.FromString("{}"), overwrite: false, Cancellation));
            Assert.Equal(409, refusal.Status);
        }
        finally
        {
            await blob.DeleteAsync(cancellationToken: CancellationToken.None);
        }
    }

    [Fact]
    public async Task Keys_are_replaced_only_by_who_has_read_the_last_ones()
    {
        BlobClient blob = await NewBlobAsync(Secrets, $"{hostId}/host.json", """{"keys":["first"]}""");
        try
        {
            ETag read = (await blob.GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag;
            await ReplaceAsync(blob, """{"keys":["second"]}""", read);

            RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(
                () => ReplaceAsync(blob, """{"keys":["third"]}""", read));

            Assert.Equal(412, refusal.Status);
            Assert.Equal("""{"keys":["second"]}""", (await blob.DownloadContentAsync(Cancellation)).Value.Content.ToString());
        }
        finally
        {
            await blob.DeleteAsync(cancellationToken: CancellationToken.None);
        }
    }

    private static async Task ReplaceAsync(BlobClient blob, string content, ETag expected) => await blob.UploadAsync(
        BinaryData.FromString(content), new BlobUploadOptions { Conditions = new BlobRequestConditions { IfMatch = expected } }, Cancellation);

    private static async Task<BlobClient> NewBlobAsync(string container, string name, string content)
    {
        string? connection = Environment.GetEnvironmentVariable("HOST_STORAGE_TEST_CONNECTION");
        Assert.SkipWhen(string.IsNullOrEmpty(connection), "HOST_STORAGE_TEST_CONNECTION names no storage; infra/local/check.sh starts one.");
        BlobContainerClient client = new BlobServiceClient(connection).GetBlobContainerClient(container);
        await client.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        BlobClient blob = client.GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromString(content), Cancellation);
        return blob;
    }
}
