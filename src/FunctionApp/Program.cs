using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Serverless.Functions;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.AddServerless(BankingContext.Create());
builder.AddAzureMonitor();
await builder.Build().RunAsync();
