using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>local.settings.json: its Values are settings below environment variables, its Host section may name the port.</summary>
internal static class LocalSettings
{
    public const string FileName = "local.settings.json";

    /// <exception cref="InvalidOperationException">The file is encrypted or is not JSON.</exception>
    public static void AddTo(IConfigurationBuilder configuration, string directory)
    {
        if (Read(directory) is not { } file)
        {
            return;
        }

        IEnumerable<KeyValuePair<string, string?>> settings = SettingsOf(file);
        if (file["Host:LocalHttpPort"] is { } port)
        {
            settings = settings.Append(KeyValuePair.Create("port", (string?)port));
        }

        var source = new MemoryConfigurationSource { InitialData = [.. settings] };
        int environment = configuration.Sources.Index()
            .First(pair => pair.Item is EnvironmentVariablesConfigurationSource { Prefix: null or "" }).Index;
        configuration.Sources.Insert(environment, source);
    }

    /// <summary>For a worker process, which has its app settings as environment variables: those that are set already stay.</summary>
    public static void AddTo(IDictionary<string, string?> environment, string directory)
    {
        foreach ((string name, string? value) in Read(directory) is { } file ? SettingsOf(file) : [])
        {
            environment.TryAdd(name.Replace(":", "__", StringComparison.Ordinal), value);
        }
    }

    private static IConfigurationRoot? Read(string directory)
    {
        string path = Path.GetFullPath(Path.Combine(directory, FileName));
        if (!File.Exists(path))
        {
            return null;
        }

        IConfigurationRoot file = JsonSettingsFile.Read(path);
        return file.GetValue("IsEncrypted", false)
            ? throw new InvalidOperationException($"{path} is encrypted. Decrypt it with the tools that encrypted it.")
            : file;
    }

    private static IEnumerable<KeyValuePair<string, string?>> SettingsOf(IConfigurationRoot file) =>
        file.GetSection("Values").AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Value is not null)
            .Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value))
            .Concat(file.GetSection("ConnectionStrings").GetChildren()
                .Select(setting => KeyValuePair.Create($"ConnectionStrings:{setting.Key}", setting.Value)));
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
