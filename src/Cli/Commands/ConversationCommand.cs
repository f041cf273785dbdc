using System.CommandLine;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl conversation</c>: what came of one request, across streams.</summary>
internal static class ConversationCommand
{
    public static Command Create(CommandFactory factory)
    {
        Argument<string> id = new("correlationId") { Description = "As every answer to a command says it" };
        return factory.New(
            "conversation",
            "Which command caused which events, and which commands those caused, as a tree",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                ConversationDocument conversation = await target.FollowAsync(call.Parsed.GetRequiredValue(id), cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(conversation, ToolJson.Readable.ConversationDocument);
                    return ExitCodes.Ok;
                }
                call.Screen.Show(TreeOf(conversation));
                if (!conversation.IsComplete)
                {
                    call.Screen.Line("There are more commits than these.");
                }
                return ExitCodes.Ok;
            },
            id);
    }

    private static Tree TreeOf(ConversationDocument conversation)
    {
        Tree tree = new(Cell.Node(conversation.CorrelationId));
        // Steps come each right behind its cause: the node one level up that was added last.
        List<IHasTreeNodes> path = [tree];
        foreach (ConversationStepDocument step in conversation.Steps)
        {
            path.RemoveRange(step.Depth + 1, path.Count - step.Depth - 1);
            TreeNode node = new(Cell.Node($"{step.Commit.Command} → {step.Commit.Stream}  by {Cell.Actor(step.Commit.Actor, step.Commit.ActorName)} at {Cell.Of(step.Commit.Time)}"));
            foreach (EventDocument e in step.Commit.Events)
            {
                node.AddNode(Cell.Node($"{e.Version}  {e.Type} {Cell.Of(e.Data)}"));
            }
            path[^1].AddNode(node);
            path.Add(node);
        }
        return tree;
    }
}
