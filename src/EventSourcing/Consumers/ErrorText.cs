using System.Text;

namespace Serverless.EventSourcing;

/// <summary>What is kept of an exception: its class, its message and the frames of its stack, never a payload.</summary>
internal static class ErrorText
{
    public static string Of(Exception error, int maxLength) => Cut($"{error.GetType().Name}: {error.Message}", maxLength);

    /// <summary>The full name of the class of the innermost exception, which is the one that began it.</summary>
    public static string TypeOf(Exception error) => error.GetBaseException().GetType().FullName!;

    /// <summary>The frames of the innermost exception first, because that is where the code failed, then those of the ones around it.</summary>
    public static string? StackTraceOf(Exception error, int maxLength)
    {
        StringBuilder text = new();
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (e.StackTrace is { Length: > 0 } frames)
            {
                text.Insert(0, $"{e.GetType().FullName}\n{frames.ReplaceLineEndings("\n")}\n");
            }
        }
        return text.Length == 0 ? null : Cut(text.ToString().TrimEnd('\n'), maxLength);
    }

    public static string Cut(string text, int maxLength) => text.Length <= maxLength ? text : text[..maxLength];
}
