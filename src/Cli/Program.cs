using System.Text;
using Serverless.Cli;

Console.OutputEncoding = Encoding.UTF8;
return await Tool.RunAsync(args, ToolEnvironment.OfThisProcess(), CancellationToken.None);
