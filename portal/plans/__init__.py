"""The individual work plan (PTI) of each child: its versions, what is done of it, what is due."""
