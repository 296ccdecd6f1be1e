"""The commands of the advice capability: advise, feedback, profiles."""
