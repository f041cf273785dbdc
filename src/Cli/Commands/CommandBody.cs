using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Serverless.Cli.Commands;

/// <summary>The body of a command, from the command line, a file, or standard input.</summary>
internal static class CommandBody
{
    public static Argument<string> Name() => new("command") { Description = "Its name, such as withdraw" };

    public static Option<string?> Data() => new("--data") { Description = "Its body: JSON, @file, or - for standard input; {} without", HelpName = "json|@file|-" };

    /// <exception cref="ToolException">It is not JSON.</exception>
    public static async Task<byte[]> ReadAsync(Call call, Option<string?> data, CancellationToken cancellationToken)
    {
        byte[] body = call.Parsed.GetValue(data) switch
        {
            null => "{}"u8.ToArray(),
            "-" => await ReadAsync(call.Environment.Input, cancellationToken),
            ['@', .. var file] => await File.ReadAllBytesAsync(file, cancellationToken),
            { } text => Encoding.UTF8.GetBytes(text),
        };
        try
        {
            using JsonDocument _ = JsonDocument.Parse(body);
            return body;
        }
        catch (JsonException e)
        {
            throw new ToolException(ExitCodes.Usage, $"--data is not JSON: {e.Message}", e);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        await input.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
