// The first declaration of this module replaces this file.
