using Microsoft.Azure.Functions.Worker.Builder;
using Serverless.Functions;

namespace Serverless.FunctionApp;

/// <summary>What the app is made of: the same in Azure, under func start, and in the local host.</summary>
public static class App
{
    public static void Configure(FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddServerless(BankingContext.Create());
        builder.AddAzureMonitor();
    }
}
