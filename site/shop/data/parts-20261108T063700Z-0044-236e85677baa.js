(window.fftData??={})["parts-20261108T063700Z-0044"]=JSON.parse('{"parts":[],"nodes":{}}');
