namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// A LIKE pattern: <c>%</c> any characters, <c>_</c> one, <c>[a-c]</c> and <c>[^a-c]</c> one of a set or not, and an escape character
/// that takes the meaning from what follows it.
/// </summary>
internal sealed class LikePattern
{
    private readonly List<Step> steps = [];

    public LikePattern(string pattern, char? escape)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            char character = pattern[i];
            if (character == escape && i + 1 < pattern.Length)
            {
                steps.Add(Step.Exactly(pattern[++i]));
            }
            else if (character == '[' && pattern.IndexOf(']', i + 1) is int end && end > i + 1)
            {
                steps.Add(Step.OneOf(pattern[(i + 1)..end]));
                i = end;
            }
            else
            {
                steps.Add(character switch { '%' => Step.Many, '_' => Step.One, _ => Step.Exactly(character) });
            }
        }
    }

    private enum StepKind
    {
        Exactly,
        One,
        OneOf,
        Many,
    }

    /// <summary>
    /// Whether the whole text fits. After a failure only the last <c>%</c> has to take one character more: what an earlier one could
    /// still take, the last one can take as well. So the time is at most the product of the two lengths.
    /// </summary>
    public bool Matches(string text)
    {
        int at = 0;
        int step = 0;
        int retryStep = -1;
        int retryAt = 0;
        while (at < text.Length)
        {
            if (step < steps.Count && steps[step].Kind == StepKind.Many)
            {
                retryStep = ++step;
                retryAt = at;
            }
            else if (step < steps.Count && steps[step].Fits(text, at, out int length))
            {
                at += length;
                step++;
            }
            else if (retryStep >= 0)
            {
                step = retryStep;
                at = ++retryAt;
            }
            else
            {
                return false;
            }
        }

        return steps.Skip(step).All(rest => rest.Kind == StepKind.Many);
    }

    private readonly record struct Step(StepKind Kind, char Character, string Set, bool IsNegated)
    {
        public static Step Many => new(StepKind.Many, default, "", false);

        public static Step One => new(StepKind.One, default, "", false);

        public static Step Exactly(char character) => new(StepKind.Exactly, character, "", false);

        public static Step OneOf(string content) => content.Length > 1 && content[0] == '^'
            ? new(StepKind.OneOf, default, content[1..], true)
            : new(StepKind.OneOf, default, content, false);

        // A character beyond the first plane is two in the text and one for a pattern.
        public bool Fits(string text, int at, out int length)
        {
            length = Kind != StepKind.Exactly && char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
            return Kind switch
            {
                StepKind.Exactly => text[at] == Character,
                StepKind.One => true,
                _ => SetContains(text[at]) != IsNegated,
            };
        }

        // A '-' between two characters is a range; everything else stands for itself.
        private bool SetContains(char character)
        {
            for (int i = 0; i < Set.Length; i++)
            {
                if (i + 2 < Set.Length && Set[i + 1] == '-')
                {
                    if (character >= Set[i] && character <= Set[i + 2])
                    {
                        return true;
                    }

                    i += 2;
                }
                else if (Set[i] == character)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
