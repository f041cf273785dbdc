using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.LocalWorker.Indexing;
using Serverless.LocalWorker.Tests.Functions;
using Serverless.LocalWorker.Tests.Support;

namespace Serverless.LocalWorker.Tests.Indexing;

/// <summary>Each faulty class is refused at start, by a message that names the function and the fault.</summary>
public sealed class FunctionIndexerTests
{
    [Theory]
    [InlineData(typeof(SameName), "'Twice': 2 methods have this name")]
    [InlineData(typeof(BadName), "'1st' (")]
    [InlineData(typeof(NotPublic), "the method is not public")]
    [InlineData(typeof(GenericMethod), "neither the method nor its class may be generic")]
    [InlineData(typeof(AsyncVoid), "it is async void")]
    [InlineData(typeof(BadReturn), "it returns System.Threading.Tasks.ValueTask")]
    [InlineData(typeof(NoTrigger), "exactly one trigger, this one has 0")]
    [InlineData(typeof(TwoTriggers), "exactly one trigger, this one has 2")]
    [InlineData(typeof(BadBody), "bound to HttpRequestData here, not to System.String")]
    [InlineData(typeof(HttpRetry), "the real host knows no retry policy for HTTP triggers")]
    [InlineData(typeof(AdminRoute), "begins with 'admin' or 'runtime'")]
    [InlineData(typeof(ByReference), "parameter 'id' is passed by reference")]
    [InlineData(typeof(RetryCount), "a retry policy has a count of -1 (for ever) or more, not -2")]
    [InlineData(typeof(SameRoute), "'First' and 'Second' have the same route 'api/same/{id}'")]
    [InlineData(typeof(BadTemplate), "'Broken': its route '{a}{b}' is not a valid template")]
    [InlineData(typeof(UnknownConstraint), "'Odd': its route '{a:odd}' is not a valid template")]
    public async Task A_faulty_function_stops_the_start(Type faulty, string fault)
    {
        await using TestApp app = TestApp.Create(classes: [faulty, typeof(OneRoute)]);
        FunctionIndexingException refused = await Assert.ThrowsAsync<FunctionIndexingException>(
            () => app.Host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(fault, Assert.Single(refused.Faults), StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_faults_are_named_at_once()
    {
        await using TestApp app = TestApp.Create(classes: [typeof(AsyncVoid), typeof(NoTrigger), typeof(SameName)]);
        FunctionIndexingException refused = await Assert.ThrowsAsync<FunctionIndexingException>(
            () => app.Host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, refused.Faults.Count);
    }

    [Fact]
    public void Functions_are_looked_for_in_the_program_and_what_it_references() =>
        Assert.Equal([typeof(FunctionIndexerTests).Assembly], FunctionCatalog.AssembliesWithFunctions(typeof(FunctionIndexerTests).Assembly));

    [Fact]
    public async Task Routes_of_different_methods_may_be_the_same()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(RouteSamples));
        Assert.NotNull(app.Client.BaseAddress);
    }

    public static class SameName
    {
        [Function("Twice")]
        public static void A([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);

        [Function("twice")]
        public static void B([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class BadName
    {
        [Function("1st")]
        public static void A([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class NotPublic
    {
        [Function("Hidden")]
        internal static void A([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class GenericMethod
    {
        [Function("Generic")]
        public static void A<T>([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class AsyncVoid
    {
        [Function("Fire")]
        public static async void A([HttpTrigger] HttpRequestData request) => await (request.Body?.FlushAsync() ?? Task.CompletedTask);
    }

    public static class BadReturn
    {
        [Function("Value")]
        public static ValueTask A([HttpTrigger] HttpRequestData request) => new(request.Body.FlushAsync());
    }

    public static class NoTrigger
    {
        [Function("Idle")]
        public static void A(HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class TwoTriggers
    {
        [Function("Both")]
        public static void A([HttpTrigger] HttpRequestData one, [HttpTrigger] HttpRequestData two) => ArgumentNullException.ThrowIfNull(one ?? two);
    }

    public static class BadBody
    {
        [Function("Body")]
        public static void A([HttpTrigger] string body) => ArgumentNullException.ThrowIfNull(body);
    }

    public static class HttpRetry
    {
        [Function("Again"), FixedDelayRetry(2, "00:00:01")]
        public static void A([HttpTrigger] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class AdminRoute
    {
        [Function("Reserved")]
        public static void A([HttpTrigger("get", Route = "/Administrators")] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class ByReference
    {
        [Function("Out")]
        public static void A([HttpTrigger("get", Route = "out/{id}")] HttpRequestData request, ref string id) => id ??= request.Method;
    }

    public static class RetryCount
    {
        [Function("Minus"), FixedDelayRetry(-2, "00:00:01")]
        public static void A([CosmosDBTrigger("d", "c")] string changes) => ArgumentNullException.ThrowIfNull(changes);
    }

    public static class SameRoute
    {
        [Function("First")]
        public static void A([HttpTrigger("get", "put", Route = "same/{id}")] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);

        [Function("Second")]
        public static void B([HttpTrigger("PUT", Route = "/Same/{ID}/")] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class BadTemplate
    {
        [Function("Broken")]
        public static void A([HttpTrigger(Route = "{a}{b}")] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }

    public static class UnknownConstraint
    {
        [Function("Odd")]
        public static void A([HttpTrigger(Route = "{a:odd}")] HttpRequestData request) => ArgumentNullException.ThrowIfNull(request);
    }
}
