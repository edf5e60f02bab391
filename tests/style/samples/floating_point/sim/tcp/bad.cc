double rtt = 0.5;
