// TODO: finish.
