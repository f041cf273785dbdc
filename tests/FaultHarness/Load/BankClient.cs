using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Load;

/// <summary>
/// A client as it should be: it sends one command after the other, and each one again under the same key until an answer settles it.
/// Some are sent twice at once or once more later, and some are given up when their answer is lost.
/// </summary>
internal sealed class BankClient : IDisposable
{
    private const double GivesUp = 0.05;
    private const double SendsTwiceAtOnce = 0.03;
    private const double SendsAgainLater = 0.03;

    // Longer than any request takes while nothing is killed or stopped.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { Timeout = RequestTimeout };
    private readonly Workload workload;
    private readonly Func<IReadOnlyList<Uri>> apis;
    private readonly LoadCounts counts;
    private readonly List<SentCommand> sent = [];
    private readonly List<string> discrepancies = [];

    public BankClient(Workload workload, Func<IReadOnlyList<Uri>> apis, LoadCounts counts)
    {
        this.workload = workload;
        this.apis = apis;
        this.counts = counts;
    }

    /// <summary>To be read when the client has ended.</summary>
    public IReadOnlyList<SentCommand> Sent => sent;

    public IReadOnlyList<string> Discrepancies => discrepancies;

    /// <summary>Sends until <paramref name="stop"/>, and what it has begun to its end.</summary>
    public async Task RunAsync(TimeSpan pace, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            double choice = workload.Draw();
            if (choice < SendsAgainLater && sent.Count > 0)
            {
                SentCommand earlier = sent[(int)(workload.Draw() * sent.Count)];
                if (earlier.HasEvents)
                {
                    counts.SendAgainLater();
                    await SendAsync(earlier, mayGiveUp: false);
                }
                continue;
            }
            SentCommand command = workload.Next();
            sent.Add(command);
            if (choice < SendsAgainLater + SendsTwiceAtOnce)
            {
                counts.SendTwiceAtOnce();
                await Task.WhenAll(SendAsync(command, mayGiveUp: false), SendAsync(command, mayGiveUp: false));
            }
            else
            {
                await SendAsync(command, mayGiveUp: true);
            }
            await Task.Delay(pace * (2 * workload.Draw()), CancellationToken.None);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(SentCommand command, bool mayGiveUp)
    {
        while (true)
        {
            IReadOnlyList<Uri> known = apis();
            if (known.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
                continue;
            }
            TimeSpan? wait = await TrySendAsync(known[(int)(Draw() * known.Count)], command);
            if (wait is null)
            {
                return;
            }
            if (mayGiveUp && command.HasLostAnswer && command.Status is null && Draw() < GivesUp)
            {
                counts.GiveUp();
                return;
            }
            await Task.Delay(wait.Value * (0.5 + Draw()));
        }
    }

    /// <summary>Null when the command is settled, else how long to wait before it is sent again.</summary>
    private async Task<TimeSpan?> TrySendAsync(Uri api, SentCommand command)
    {
        using HttpRequestMessage request = command.Status is { } status ? new(HttpMethod.Get, new Uri(api, status)) : Post(api, command);
        counts.Attempt();
        bool hadEvents = command.HasEvents;
        HttpStatusCode code;
        string body;
        TimeSpan? retryAfter;
        Uri? location;
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request);
            body = await response.Content.ReadAsStringAsync();
            (code, retryAfter, location) = (response.StatusCode, response.Headers.RetryAfter?.Delta, response.Headers.Location);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            counts.AnswerLost();
            command.HasLostAnswer = true;
            return TimeSpan.FromMilliseconds(100);
        }
        switch (code)
        {
            case HttpStatusCode.Accepted:
                counts.Take();
                command.Status = location;
                return PollInterval;
            case HttpStatusCode.OK when request.Method == HttpMethod.Get:
                return SettleLater(command, JsonNode.Parse(body)!, hadEvents);
            case HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity:
                counts.Answer();
                Settle(command, (int)code, JsonNode.Parse(body)!, hadEvents);
                return null;
            case HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable:
                counts.AskToWait();
                return retryAfter < LongestWait ? retryAfter : LongestWait;
            default:
                // It goes on, so that the end shows what came of it.
                Note($"{command} was answered with {(int)code}: {body}");
                return LongestWait;
        }
    }

    private static HttpRequestMessage Post(Uri api, SentCommand command)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(api, command.Path))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(command.Body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("Idempotency-Key", command.Key);
        if (command.IsForLater)
        {
            request.Headers.Add("Prefer", "respond-async");
        }
        return request;
    }

    /// <summary>Takes what the inbox says of a command. Null when it is decided, else how long to wait.</summary>
    private TimeSpan? SettleLater(SentCommand command, JsonNode answer, bool hadEvents)
    {
        string told = (string)answer["status"]!;
        if (told == "pending")
        {
            return PollInterval;
        }
        counts.Answer();
        if (told is "accepted" or "rejected")
        {
            bool isAccepted = told == "accepted";
            Settle(command, isAccepted ? (int)HttpStatusCode.OK : (int)HttpStatusCode.UnprocessableEntity, isAccepted ? answer["result"]! : answer, hadEvents);
        }
        else
        {
            Note($"{command} for later came to: {answer.ToJsonString()}");
        }
        return null;
    }

    private void Settle(SentCommand command, int status, JsonNode answer, bool hadEvents)
    {
        lock (discrepancies)
        {
            if (command.Settle(status, answer, hadEvents) is { } wrong)
            {
                discrepancies.Add(wrong);
            }
        }
    }

    private void Note(string discrepancy)
    {
        lock (discrepancies)
        {
            discrepancies.Add(discrepancy);
        }
    }

    // Two sends at once share the generator.
    private double Draw()
    {
        lock (discrepancies)
        {
            return workload.Draw();
        }
    }
}
