"""Lists of escalations, risks and challenges: what one may read of them, filtered, searched and page by page."""
