namespace Serverless.EventSourcing.Cosmos;

internal static class CommitSequence
{
    extension(IReadOnlyList<Commit> commits)
    {
        /// <summary>
        /// Somebody with rights on the container can delete an item; a state folded over the hole would be wrong without a sign.
        /// </summary>
        /// <exception cref="StreamGapException">The commits do not follow <paramref name="version"/> one after the other.</exception>
        public void ThrowOnGapAfter(long version)
        {
            for (int i = 0; i < commits.Count; i++)
            {
                if (commits[i].FirstVersion != version + 1)
                {
                    throw new StreamGapException(commits[i].Stream, version + 1, commits[i].FirstVersion);
                }
                version = commits[i].LastVersion;
            }
        }
    }
}
