using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>local.settings.json: its Values are settings below environment variables, its Host section may name the port.</summary>
internal static class LocalSettings
{
    public const string FileName = "local.settings.json";

    public static void AddTo(IConfigurationBuilder configuration, string directory)
    {
        string path = Path.GetFullPath(Path.Combine(directory, FileName));
        if (!File.Exists(path))
        {
            return;
        }

        IConfigurationRoot file = JsonSettingsFile.Read(path);
        if (file.GetValue("IsEncrypted", false))
        {
            throw new InvalidOperationException($"{path} is encrypted. Decrypt it with the tools that encrypted it.");
        }

        IEnumerable<KeyValuePair<string, string?>> settings = file.GetSection("Values").GetChildren()
            .Where(setting => setting.Value is not null)
            .Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value))
            .Concat(file.GetSection("ConnectionStrings").GetChildren()
                .Select(setting => KeyValuePair.Create($"ConnectionStrings:{setting.Key}", setting.Value)));
        if (file["Host:LocalHttpPort"] is { } port)
        {
            settings = settings.Append(KeyValuePair.Create("port", (string?)port));
        }

        var source = new MemoryConfigurationSource { InitialData = [.. settings] };
        int environment = configuration.Sources.Index()
            .First(pair => pair.Item is EnvironmentVariablesConfigurationSource { Prefix: null or "" }).Index;
        configuration.Sources.Insert(environment, source);
    }
}

internal static class JsonSettingsFile
{
    /// <summary>Throws one clear exception for a file that is not JSON.</summary>
    public static IConfigurationRoot Read(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: false).Build();
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidOperationException($"{path} is not valid JSON: {fault.InnerException?.Message ?? fault.Message}", fault);
        }
    }
}
