"""The pages for people: server-rendered, whole without scripts, in every language of the party."""
