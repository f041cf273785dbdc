using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>The commands of an aggregate by the name they have in routes and in storage. Written as a collection initializer.</summary>
public sealed class CommandCatalog<TCommand> : IReadOnlyCollection<CommandShape>
    where TCommand : class
{
    private readonly List<Entry> entries = [];
    private readonly Lazy<FrozenDictionary<string, Entry>> byName;
    private readonly Lazy<FrozenDictionary<Type, Entry>> byClass;

    public CommandCatalog()
    {
        byName = new(() => entries.ToFrozenDictionary(e => e.Shape.Name, StringComparer.Ordinal));
        byClass = new(() => entries.ToFrozenDictionary(e => e.Shape.Json.Type));
    }

    public int Count => entries.Count;

    /// <summary>
    /// A command, its JSON body and what else must hold for the body alone. <paramref name="validate"/> yields what is wrong, with
    /// the JSON member it concerns; rules that need the state belong to the decider. <paramref name="summary"/> and
    /// <paramref name="example"/> are for the API description; without an example it makes one up from the types.
    /// </summary>
    /// <exception cref="ArgumentException">The name or class is taken, or the JSON options are not strict.</exception>
    public void Add<T>(
        string name, JsonTypeInfo<T> json, Func<T, IEnumerable<ValidationError>>? validate = null, string summary = "", T? example = null)
        where T : class, TCommand =>
        Add(name, json, validate, summary, example, isInternal: false);

    /// <summary>A command that only this system itself sends, such as a step of a process; no route leads to it.</summary>
    /// <exception cref="ArgumentException">The name or class is taken, or the JSON options are not strict.</exception>
    public CommandCatalog<TCommand> AddInternal<T>(string name, JsonTypeInfo<T> json, string summary = "")
        where T : class, TCommand
    {
        Add(name, json, validate: null, summary, example: null, isInternal: true);
        return this;
    }

    private void Add<T>(
        string name, JsonTypeInfo<T> json, Func<T, IEnumerable<ValidationError>>? validate, string summary, T? example, bool isInternal)
        where T : class, TCommand
    {
        if (string.IsNullOrEmpty(name) || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"'{name}' is not a command name: lower-case letters, digits and hyphens.", nameof(name));
        }
        StrictJson.Check(json);
        if (entries.Exists(e => e.Shape.Name == name || e.Shape.Json.Type == typeof(T)))
        {
            throw new ArgumentException($"The command '{name}' ({typeof(T).Name}) is registered twice.", nameof(name));
        }
        entries.Add(new Entry(new CommandShape(name, json, summary, isInternal) { Example = example }, command => validate?.Invoke((T)command) ?? []));
    }

    public IEnumerator<CommandShape> GetEnumerator() => entries.Select(e => e.Shape).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether clients may send a command of this name; internal ones they may not.</summary>
    public bool IsPublic(string name) => byName.Value.TryGetValue(name, out Entry? entry) && !entry.Shape.IsInternal;

    /// <summary>Whether a command of this name exists, internal or not.</summary>
    public bool Contains(string name) => byName.Value.ContainsKey(name);

    /// <summary>The registered name of a command.</summary>
    public CommandShape ShapeOf(TCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return byClass.Value.TryGetValue(command.GetType(), out Entry? entry)
            ? entry.Shape
            : throw new ArgumentException($"{command.GetType().Name} is not registered as a command.", nameof(command));
    }

    /// <summary>Reads and validates a body. Every error names the member it concerns.</summary>
    public bool TryRead(
        string name, ReadOnlySpan<byte> body, [NotNullWhen(true)] out TCommand? command, out IReadOnlyList<ValidationError> errors)
    {
        Entry entry = byName.Value[name];
        command = null;
        try
        {
            command = JsonSerializer.Deserialize(body, entry.Shape.Json) as TCommand;
        }
        catch (JsonException e)
        {
            errors = [ValidationError.From(e)];
            return false;
        }
        // A constructor or a converter that does not take the values: what it says is what is wrong with the body. The serializer wraps some.
        catch (Exception e)
        {
            errors = [new ValidationError("$", (e.InnerException ?? e).Message)];
            return false;
        }
        errors = command is null ? [new ValidationError("$", "The body is null; an object is expected.")] : [.. entry.Validate(command)];
        command = errors.Count == 0 ? command : null;
        return command is not null;
    }

    /// <summary>The command as it is stored; false when its data can't be stored as it is.</summary>
    public bool TryStore(TCommand command, [NotNullWhen(true)] out byte[]? data, out IReadOnlyList<ValidationError> errors)
    {
        try
        {
            data = StorableJson.Serialize(command, ShapeOf(command).Json);
            errors = [];
            return true;
        }
        catch (UnstorableDataException e)
        {
            data = null;
            errors = [new ValidationError("$", e.Reason)];
            return false;
        }
    }

    /// <summary>
    /// Whether the data of two commands of this name is the same, read with today's class: a member with a default that was added
    /// in between does not tell them apart.
    /// </summary>
    public bool IsSame(string name, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) =>
        byName.Value.TryGetValue(name, out Entry? entry) && !first.IsEmpty && !second.IsEmpty
        && JsonElement.DeepEquals(InTodaysShape(entry.Shape.Json, first.Span), InTodaysShape(entry.Shape.Json, second.Span));

    private static JsonElement InTodaysShape(JsonTypeInfo json, ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.SerializeToElement(JsonSerializer.Deserialize(data, json), json);
        }
        catch (Exception)
        {
            return JsonElement.Parse(data); // Today's class does not read it.
        }
    }

    private sealed record Entry(CommandShape Shape, Func<TCommand, IEnumerable<ValidationError>> Validate);
}

/// <summary>A command as routes, storage and the API description know it. An internal one has no route.</summary>
public sealed record CommandShape(string Name, JsonTypeInfo Json, string Summary, bool IsInternal)
{
    /// <summary>One such command, to show what a body looks like; null when the registration has none.</summary>
    public object? Example { get; init; }
}

/// <summary>What is wrong with one member of a body, as a JSON path (<c>$.amount.minorUnits</c>).</summary>
public sealed record ValidationError(string Path, string Message)
{
    /// <summary>Keeps what a client can act on and drops CLR type names.</summary>
    public static ValidationError From(JsonException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        string path = exception.Path ?? "$";
        string message = exception.Message.Split(" Path: ", 2)[0];
        return new ValidationError(path, JsonErrorText.WithoutClrNames(message));
    }
}
