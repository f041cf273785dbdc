using Microsoft.Azure.Functions.Worker;

namespace Serverless.LocalWorker.Tests.Api;

public sealed class PublicApiTests
{
    /// <summary>
    /// The list was written from the real assemblies (Worker 2.52, Extensions.Http 3.3.0, Extensions.CosmosDB 4.16.1) and holds all
    /// members of the types that exist here too. Members may be missing here, but none may be different.
    /// </summary>
    [Fact]
    public void What_the_local_worker_declares_in_the_worker_s_name_is_exactly_what_the_worker_declares()
    {
        IEnumerable<Type> ours = typeof(FunctionContext).Assembly.GetExportedTypes()
            .Where(type => type.Namespace!.StartsWith("Microsoft.", StringComparison.Ordinal));
        IEnumerable<string> real = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "worker-api.txt"));
        Assert.Equal([], PublicApi.Describe(ours).Except(real));
    }
}
