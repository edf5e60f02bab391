std::hash<int> x;
