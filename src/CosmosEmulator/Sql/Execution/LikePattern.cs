using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// A LIKE pattern: <c>%</c> any characters, <c>_</c> one, <c>[a-c]</c> and <c>[^a-c]</c> one of a set or not, and an escape character
/// that takes the meaning from what follows it.
/// </summary>
internal sealed class LikePattern
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private readonly Regex regex;

    public LikePattern(string pattern, char? escape) =>
        regex = new(Translate(pattern, escape), RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, MatchTimeout);

    public bool Matches(string text) => regex.IsMatch(text);

    private static string Translate(string pattern, char? escape)
    {
        var result = new StringBuilder("\\A");
        for (int i = 0; i < pattern.Length; i++)
        {
            char character = pattern[i];
            if (character == escape && i + 1 < pattern.Length)
            {
                result.Append(Regex.Escape(pattern[++i].ToString()));
            }
            else if (character == '%')
            {
                result.Append(".*");
            }
            else if (character == '_')
            {
                result.Append('.');
            }
            else if (character == '[' && pattern.IndexOf(']', i + 1) is > 0 and int end && end > i + 1)
            {
                result.Append(Set(pattern[(i + 1)..end]));
                i = end;
            }
            else
            {
                result.Append(Regex.Escape(character.ToString()));
            }
        }

        return result.Append("\\z").ToString();
    }

    // A '-' between two characters is a range; everything else stands for itself.
    private static string Set(string content)
    {
        bool isNegated = content.StartsWith('^') && content.Length > 1;
        string members = isNegated ? content[1..] : content;
        var set = new StringBuilder(isNegated ? "[^" : "[");
        for (int i = 0; i < members.Length; i++)
        {
            bool isRange = members[i] == '-' && i > 0 && i + 1 < members.Length && members[i - 1] <= members[i + 1];
            set.Append(isRange ? "-" : $"\\u{(int)members[i]:x4}");
        }

        return set.Append(']').ToString();
    }
}
