// Without a guard.
int x();
