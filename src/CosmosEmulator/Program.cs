using Serverless.CosmosEmulator.Hosting;

return await EmulatorProgram.RunAsync(args, Console.Out, Console.Error);
