using System.Globalization;
using System.Reflection;

namespace Serverless.FunctionsHost.Protocol;

/// <summary>The conversation with which every worker begins: who are you, which functions have you, load them.</summary>
internal sealed class WorkerStart(string appDirectory)
{
    // The real host's limits, but for the first: a machine under load needs more than its 10 seconds.
    private static readonly TimeSpan InitLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MetadataLimit = TimeSpan.FromSeconds(60);

    // Without them the worker expects requests in a form that this host does not write.
    private static readonly string[] Needed = ["RawHttpBodyBytes", "UseNullableValueDictionaryForHttp"];

    /// <summary>Makes the worker ready.</summary>
    /// <exception cref="WorkerStartException">It can't work with this host, or does not answer.</exception>
    public async Task InitAsync(WorkerChannel channel, CancellationToken cancellationToken)
    {
        InitRequest request = new()
        {
            HostVersion = Assembly.GetExecutingAssembly().GetName().Version!.ToString(),
            WorkerDirectory = appDirectory,
            AppDirectory = appDirectory,
        };
        StreamMessage answer = await AskAsync(channel, new() { InitRequest = request }, InitLimit, cancellationToken);
        ThrowIfFailed(answer.InitAnswer?.Outcome, "The worker could not start");
        if (answer.InitAnswer!.Capabilities.ContainsKey("HttpUri"))
        {
            throw new WorkerStartException(
                "The function app uses the ASP.NET Core integration, which this host does not serve. Use HttpRequestData, or run it with func start.");
        }
        if (Array.Find(Needed, name => !answer.InitAnswer.Capabilities.ContainsKey(name)) is { } missing)
        {
            throw new WorkerStartException(
                $"The worker lacks the capability {missing}. Build the function app with Microsoft.Azure.Functions.Worker 2.52.0 or newer.");
        }
    }

    public async Task<IReadOnlyList<FunctionMetadata>> DescribeAsync(WorkerChannel channel, CancellationToken cancellationToken)
    {
        StreamMessage answer = await AskAsync(
            channel, new() { MetadataRequest = new() { AppDirectory = appDirectory } }, MetadataLimit, cancellationToken);
        ThrowIfFailed(answer.MetadataAnswer?.Outcome, "The worker could not say which functions it has");
        return answer.MetadataAnswer!.Functions;
    }

    /// <summary>Loads the functions, all at once; the worker takes them in any order.</summary>
    public async Task LoadAsync(WorkerChannel channel, IEnumerable<FunctionMetadata> functions, CancellationToken cancellationToken) =>
        await Task.WhenAll(functions.Select(async function =>
        {
            LoadRequest request = new() { FunctionId = function.FunctionId, Metadata = function };
            StreamMessage answer = await AskAsync(channel, new() { LoadRequest = request }, MetadataLimit, cancellationToken);
            ThrowIfFailed(answer.LoadAnswer?.Outcome, $"The worker could not load the function '{function.Name}'");
        }));

    private static async Task<StreamMessage> AskAsync(WorkerChannel channel, StreamMessage question, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await channel.AskAsync(question).WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new WorkerStartException(
                string.Create(CultureInfo.InvariantCulture, $"The worker did not answer {question.ContentCase} within {limit.TotalSeconds:0} seconds."), e);
        }
        catch (WorkerLostException e)
        {
            throw new WorkerStartException("The worker ended while it started. Its output says why.", e);
        }
    }

    private static void ThrowIfFailed(Outcome? outcome, string what)
    {
        if (outcome?.Status != Outcome.Types.Status.Success)
        {
            throw new WorkerStartException($"{what}: {outcome?.Fault?.Message ?? "it answered nothing that this host understands."}");
        }
    }
}
