using System.Reflection;
using Serverless.EndToEnd.Tests.Support;

namespace Serverless.EndToEnd.Tests.ApiClient;

public sealed class GeneratedClientTests(SystemUnderTest system)
{
    /// <summary>What it does and asserts is in BankScenario.cs.</summary>
    [Fact]
    public async Task A_client_that_NSwag_generates_from_the_document_compiles_and_runs()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using HttpClient http = new() { BaseAddress = system.Api.Address };
        // Neither the document nor the health of the system takes a key.
        string document = await http.GetStringAsync(new Uri("openapi.json", UriKind.Relative), cancellationToken);
        http.DefaultRequestHeaders.Add("x-functions-key", system.FunctionKey ?? "none");

        Assembly client = GeneratedClient.Compile(await GeneratedClient.GenerateAsync(document, cancellationToken), Scenario());

        MethodInfo run = client.GetType("Generated.BankScenario")!.GetMethod("RunAsync")!;
        await (Task)run.Invoke(null, [http, system.FunctionKey is not null, cancellationToken])!;
    }

    private static string Scenario()
    {
        using Stream source = Assembly.GetExecutingAssembly().GetManifestResourceStream("BankScenario.cs")!;
        using StreamReader reader = new(source);
        return reader.ReadToEnd();
    }
}
